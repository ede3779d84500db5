/** The Lambda handler of the step `deliver`. */
export const handler = async (): Promise<void> => {}
