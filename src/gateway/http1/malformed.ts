/** What is on the wire is no HTTP/1.1. Each side turns it into its own BandstandError. */
export class Malformed extends Error {}
