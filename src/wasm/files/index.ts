export { FileError, fileErrorCodes, fileTypes } from "./contract.ts";
export type {
  Descriptor,
  DescriptorFlags,
  DirectoryEntry,
  DirectoryReader,
  FileErrorCode,
  FileStat,
  FileType,
  Grant,
  GrantedDirectory,
  GrantedFiles,
  MetadataHash,
  NewTime,
  OpenHow,
} from "./contract.ts";
export { openGrants } from "./granted.ts";
