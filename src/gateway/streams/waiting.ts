/** Datagrams of one client that wait. */
const most = 16;
/** Bytes of all that wait at one socket: clients there may be by the thousand, or one that names others as senders. */
const mostBytes = 8 * 1024 * 1024;

/** Datagrams that wait until their backend's name is known. What comes besides is lost, as in any full queue. */
export class Waiting {
  #bytes = 0;

  /** @param queue of one client. */
  add(queue: Buffer[], datagram: Buffer): void {
    if (queue.length >= most || this.#bytes + datagram.length > mostBytes) return;
    queue.push(datagram);
    this.#bytes += datagram.length;
  }

  /** All of a client, who waits no more. */
  take(queue: Buffer[]): Buffer[] {
    const all = queue.splice(0);
    for (const { length } of all) this.#bytes -= length;
    return all;
  }
}
