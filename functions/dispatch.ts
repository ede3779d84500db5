/** The Lambda handler of the step `dispatch`. */
export const handler = async (): Promise<void> => {}
