/** The network of a guest, without any interface: sockets and names within what was granted. */
export { Connection } from "./connection.ts";
export { fromGroups, groupsOf } from "./endpoint.ts";
export type { Endpoint, Family } from "./endpoint.ts";
export { SocketError } from "./failure.ts";
export type { SocketErrorCode } from "./failure.ts";
export { Network } from "./network.ts";
export { type Listener, TcpSocket } from "./tcp.ts";
export { UdpSocket } from "./udp.ts";
export type { Datagram } from "./udp.ts";
