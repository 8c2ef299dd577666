/** Returns the size of each bundle, compressed, in bytes. */
export function buildPackage(folder: string): Promise<Record<string, number>>;
