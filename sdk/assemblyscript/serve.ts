import * as abi from "./abi";
import { writeAll } from "./body";
import { area } from "./memory";
import { Pump, waitForEither } from "./pump";
import { Request } from "./request";
import { Response } from "./response";

/** Gives the host what the handler answered. Called by the entry that the build makes. */
export function answer(request: Request, response: Response, outparam: i32): void {
  const isHead = request.method == "HEAD";
  abi.requestDrop(request.handle);
  const outgoing = abi.responseNew(response.headers.handle);
  const incoming = response.incoming;
  const status = response.status;
  // What a new one has anyway. What is no status is whoever's fault it is, and never a 200.
  if (status != 200 && !setsStatus(outgoing, status)) setsStatus(outgoing, incoming === null ? 500 : 502);
  const headless = isHead || status == 204 || status == 304;
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

/** Whether it is one: the host takes 200 to 999, and would see 65,736 as 200. */
function setsStatus(outgoing: i32, status: i32): bool {
  return status >= 0 && status <= 999 && abi.responseSetStatus(outgoing, status) == 0;
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
