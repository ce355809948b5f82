export const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>The Bandstand Shop</title>
  <link rel="stylesheet" href="/shop.css">
</head>
<body>
  <header>
    <h1>The Bandstand Shop</h1>
    <p>Instruments for both kinds of players.</p>
  </header>
  <main>
    <section aria-labelledby="prices-title">
      <h2 id="prices-title">Prices <span id="pricing-version" class="tag" hidden></span></h2>
      <ul id="prices" class="cards"><li class="quiet">loading …</li></ul>
    </section>
    <section aria-labelledby="orders-title">
      <h2 id="orders-title">Your orders</h2>
      <form id="sign-in">
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="off" spellcheck="false"
               placeholder="from npm run demo -- --token">
        <button type="submit">Show orders</button>
      </form>
      <p id="message" role="status"></p>
      <table id="orders" hidden>
        <thead><tr><th scope="col">No.</th><th scope="col">Item</th><th scope="col">Pieces</th><th scope="col">Ordered</th></tr></thead>
        <tbody></tbody>
      </table>
    </section>
  </main>
  <footer>This page is a WebAssembly component in TypeScript. The prices are two in AssemblyScript, the orders a container.</footer>
  <script type="module" src="/shop.js"></script>
</body>
</html>
`;
