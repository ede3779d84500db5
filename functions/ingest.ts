/** The Lambda handler of the step `ingest`. */
export const handler = async (): Promise<void> => {}
