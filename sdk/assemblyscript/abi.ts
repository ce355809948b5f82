// The functions of WASI 0.2 as a core module sees them (the lowered canonical ABI): handles are i32,
// strings and lists are pointer and size, what does not fit one result comes back through the last pointer.

@external("wasi:io/streams@0.2.0", "[method]input-stream.read")
export declare function inputRead(stream: i32, size: i64, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]input-stream.blocking-read")
export declare function inputBlockingRead(stream: i32, size: i64, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]input-stream.subscribe")
export declare function inputSubscribe(stream: i32): i32;
@external("wasi:io/streams@0.2.0", "[resource-drop]input-stream")
export declare function inputDrop(stream: i32): void;
@external("wasi:io/streams@0.2.0", "[method]output-stream.check-write")
export declare function outputCheckWrite(stream: i32, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]output-stream.write")
export declare function outputWrite(stream: i32, data: usize, size: i32, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]output-stream.splice")
export declare function outputSplice(stream: i32, source: i32, size: i64, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]output-stream.blocking-splice")
export declare function outputBlockingSplice(stream: i32, source: i32, size: i64, result: usize): void;
@external("wasi:io/streams@0.2.0", "[method]output-stream.subscribe")
export declare function outputSubscribe(stream: i32): i32;
@external("wasi:io/streams@0.2.0", "[resource-drop]output-stream")
export declare function outputDrop(stream: i32): void;
@external("wasi:io/error@0.2.0", "[resource-drop]error")
export declare function errorDrop(error: i32): void;

@external("wasi:io/poll@0.2.0", "poll")
export declare function poll(pollables: usize, count: i32, result: usize): void;
@external("wasi:io/poll@0.2.0", "[method]pollable.block")
export declare function pollableBlock(pollable: i32): void;
@external("wasi:io/poll@0.2.0", "[resource-drop]pollable")
export declare function pollableDrop(pollable: i32): void;

@external("wasi:http/types@0.2.0", "[constructor]fields")
export declare function fieldsNew(): i32;
@external("wasi:http/types@0.2.0", "[method]fields.get")
export declare function fieldsGet(fields: i32, name: usize, size: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]fields.set")
export declare function fieldsSet(fields: i32, name: usize, size: i32, values: usize, count: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]fields.append")
export declare function fieldsAppend(fields: i32, name: usize, size: i32, value: usize, valueSize: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]fields.delete")
export declare function fieldsDelete(fields: i32, name: usize, size: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]fields.entries")
export declare function fieldsEntries(fields: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]fields.clone")
export declare function fieldsClone(fields: i32): i32;
@external("wasi:http/types@0.2.0", "[resource-drop]fields")
export declare function fieldsDrop(fields: i32): void;

@external("wasi:http/types@0.2.0", "[method]incoming-request.method")
export declare function requestMethod(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]incoming-request.path-with-query")
export declare function requestTarget(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]incoming-request.scheme")
export declare function requestScheme(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]incoming-request.authority")
export declare function requestAuthority(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]incoming-request.headers")
export declare function requestHeaders(request: i32): i32;
@external("wasi:http/types@0.2.0", "[method]incoming-request.consume")
export declare function requestConsume(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[resource-drop]incoming-request")
export declare function requestDrop(request: i32): void;
@external("wasi:http/types@0.2.0", "[method]incoming-body.stream")
export declare function incomingBodyStream(body: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[resource-drop]incoming-body")
export declare function incomingBodyDrop(body: i32): void;

@external("wasi:http/types@0.2.0", "[constructor]outgoing-request")
export declare function outgoingNew(headers: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-request.body")
export declare function outgoingBody(request: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]outgoing-request.set-method")
export declare function outgoingSetMethod(request: i32, method: i32, text: usize, size: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-request.set-path-with-query")
export declare function outgoingSetTarget(request: i32, some: i32, text: usize, size: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-request.set-scheme")
export declare function outgoingSetScheme(request: i32, some: i32, scheme: i32, text: usize, size: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-request.set-authority")
export declare function outgoingSetAuthority(request: i32, some: i32, text: usize, size: i32): i32;
@external("wasi:http/outgoing-handler@0.2.0", "handle")
export declare function outgoingHandle(request: i32, some: i32, options: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]future-incoming-response.subscribe")
export declare function futureSubscribe(future: i32): i32;
@external("wasi:http/types@0.2.0", "[method]future-incoming-response.get")
export declare function futureGet(future: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[resource-drop]future-incoming-response")
export declare function futureDrop(future: i32): void;
@external("wasi:http/types@0.2.0", "[method]incoming-response.status")
export declare function incomingStatus(response: i32): i32;
@external("wasi:http/types@0.2.0", "[method]incoming-response.headers")
export declare function incomingHeaders(response: i32): i32;
@external("wasi:http/types@0.2.0", "[method]incoming-response.consume")
export declare function incomingConsume(response: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[resource-drop]incoming-response")
export declare function incomingDrop(response: i32): void;

@external("wasi:http/types@0.2.0", "[constructor]outgoing-response")
export declare function responseNew(headers: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-response.set-status-code")
export declare function responseSetStatus(response: i32, status: i32): i32;
@external("wasi:http/types@0.2.0", "[method]outgoing-response.body")
export declare function responseBody(response: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[method]outgoing-body.write")
export declare function outgoingBodyWrite(body: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[static]outgoing-body.finish")
export declare function outgoingBodyFinish(body: i32, some: i32, trailers: i32, result: usize): void;
@external("wasi:http/types@0.2.0", "[resource-drop]outgoing-body")
export declare function outgoingBodyDrop(body: i32): void;
// The error side of the response is flattened into the seven parameters after `failed`.
// prettier-ignore
@external("wasi:http/types@0.2.0", "[static]response-outparam.set")
export declare function outparamSet(outparam: i32, failed: i32, responseOrCode: i32, a: i32, b: i64, c: i32, d: i32, e: i32, f: i32): void;

@external("wasi:config/store@0.2.0-rc.1", "get")
export declare function configGet(name: usize, size: i32, result: usize): void;
@external("wasi:clocks/wall-clock@0.2.0", "now")
export declare function wallClockNow(result: usize): void;
@external("wasi:cli/stderr@0.2.0", "get-stderr")
export declare function getStderr(): i32;
