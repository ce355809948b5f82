import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BandstandError, messageOf } from "../../foundation/errors/index.ts";
import { openPrivateFolder } from "../../foundation/files/index.ts";
import type { Logger } from "../../foundation/log/index.ts";

/**
 * Where what is prepared is kept, or, where nothing can be kept there, which is said, a folder that is gone when it is closed:
 * threads read from one.
 */
export async function preparedFolder(wanted: string, logger: Logger): Promise<{ path: string; close(): void }> {
  try {
    await openPrivateFolder(wanted);
    accessSync(wanted, constants.W_OK | constants.X_OK);
    return { path: wanted, close: () => {} };
  } catch (error) {
    const remedy = error instanceof BandstandError ? error.remedy : undefined;
    logger.warn("what is prepared cannot be kept, and every start makes it anew", {
      error: messageOf(error),
      ...(remedy !== undefined && { remedy }),
    });
    const path = mkdtempSync(join(tmpdir(), "bandstand-serve-"));
    return { path, close: () => rmSync(path, { recursive: true, force: true }) };
  }
}
