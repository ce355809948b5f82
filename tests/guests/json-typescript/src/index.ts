import { serve } from "@bandstand/sdk";

interface Item {
  id: number;
  name: string;
  price: number;
}

// Some 3 kB of JSON in, the same with a total out.
serve(async (request) => {
  const items = request.method === "POST" ? ((await request.json()) as Item[]) : [];
  const total = items.reduce((sum, { price }) => sum + price, 0);
  return Response.json({ total, items: items.map((item) => ({ ...item, dear: item.price > 50 })) });
});
