/** What the command line exits with: all well; findings; could not be done. */
export const exitCodes = { ok: 0, findings: 1, failed: 2 } as const;
