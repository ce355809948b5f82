// Inflates what it is sent, all of it, into its own memory.
import { serve } from "@bandstand/sdk";

serve(async (request) => {
  const inflated = request.body!.pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(inflated).arrayBuffer();
  return new Response(`${bytes.byteLength} bytes\n`);
});
