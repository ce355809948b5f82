/** A name of a header (RFC 9110, section 5.6.2). */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What must stand in no name and no value of a header that is written: it would begin another line, or another message. */
// oxlint-disable-next-line no-control-regex -- these characters are what is looked for
export const lineEnds = /[\r\n\0]/;
