import { serve } from "@bandstand/sdk";

serve(() => new Response("Hello from TypeScript\n", { headers: { "content-type": "text/plain" } }));
