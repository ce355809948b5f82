import * as abi from "./abi";
import { writeAll } from "./body";
import { area } from "./memory";
import { Pump, waitForEither } from "./pump";
import { Request } from "./request";
import { Response } from "./response";

/** Gives the host what the handler answered. Called by the entry that the build makes. */
export function answer(request: Request, response: Response, outparam: i32): void {
  const headless = request.method == "HEAD" || response.status == 204 || response.status == 304;
  abi.requestDrop(request.handle);
  const outgoing = abi.responseNew(response.headers.handle);
  // What a new one has anyway.
  if (response.status != 200) abi.responseSetStatus(outgoing, response.status);
  const incoming = response.incoming;
  const content = response.content;
  const bodyless = headless || (incoming === null && (content === null || content.length == 0));
  let body = 0;
  let stream = 0;
  if (!bodyless) {
    abi.responseBody(outgoing, area);
    body = load<i32>(area, 4);
    abi.outgoingBodyWrite(body, area);
    stream = load<i32>(area, 4);
  }
  // The head goes out before the body: whoever reads the body has to be there to make room.
  abi.outparamSet(outparam, 0, outgoing, 0, 0, 0, 0, 0, 0);
  if (bodyless) {
    if (incoming !== null) incoming.drop();
  } else if (incoming !== null) {
    exchange(new Pump(incoming, body, stream, response.ahead), response.upload);
  } else {
    const whole = writeAll(stream, content!);
    abi.outputDrop(stream);
    if (whole) abi.outgoingBodyFinish(body, 0, 0, area);
    else abi.outgoingBodyDrop(body);
  }
  const upload = response.upload;
  if (upload !== null) upload.close(false);
}

/** Both directions at once, until the answer is through; where nothing goes up any more, the host sees to the rest. */
function exchange(download: Pump, upload: Pump | null): void {
  while (true) {
    const up = upload === null ? 0 : upload.step();
    if (up == 0) return download.rest();
    const down = download.step();
    if (down == 0) return abi.pollableDrop(up);
    waitForEither(down, up);
  }
}
