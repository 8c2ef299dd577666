/** Returns the size of each bundle, compressed, in bytes. */
export function buildPackage(folder: string): Promise<Record<string, number>>;
/** The value of an `integrity` attribute. */
export function integrityOf(bytes: Uint8Array): string;
