// The token `at` of an ack, EPOCH.FIELDS.ENTITLEMENTS and, in polls, more.
// Clients treat it as opaque but for the two things here (docs/protocol.md).

/**
 * What decides whether a version under this token counts: the first three
 * parts. What polls add says what was told and when.
 */
export function scopeOf(at: string): string {
  return at.split('.', 3).join('.');
}

/** The token after an update of another epoch. */
export function underEpoch(at: string, epoch: string): string {
  return at.replace(/^[^.]*/, () => epoch);
}
