/**
 * Stands in the name of every prepared file. To be raised whenever the output of linker or rewriter
 * changes, or what the manifest means: `version.test.ts` fails until it is.
 */
export const preparedVersion = 12;
