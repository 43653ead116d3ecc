// The name of a head <-> the part of an address after "#", so that links to heads can be shared.

export function addressOf(name: string): string {
  return `#${encodeURIComponent(name).replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%40", "@")}`;
}

/** "" for none, or for one that cannot be read. */
export function nameIn(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    return "";
  }
}
