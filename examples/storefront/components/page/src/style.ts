export const style = `
:root {
  --paper: #fbf8f3; --ink: #23201c; --quiet: #6f675c; --line: #e4dccf; --accent: #8c2f1b; --card: #ffffff;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #1c1a18; --ink: #f1ece4; --quiet: #a89f92; --line: #3a352f; --accent: #e98a6f; --card: #26231f; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink); }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; padding-bottom: 1.5rem; border-bottom: 3px double var(--line); }
h1 { margin: 0; font: 700 2.4rem/1.1 Georgia, serif; letter-spacing: -.02em; }
header p { margin: .5rem 0 0; color: var(--quiet); }
h2 { margin: 2.25rem 0 1rem; font: 600 1.4rem/1.2 Georgia, serif; }
.tag { font: 500 .8rem system-ui, sans-serif; color: var(--accent); border: 1px solid currentColor; border-radius: 99px; padding: .1rem .6rem; vertical-align: middle; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem; display: flex; flex-direction: column; gap: .35rem; }
.cards .quiet { border-style: dashed; }
.name { font-weight: 600; text-transform: capitalize; }
.price { font: 600 1.35rem Georgia, serif; }
.price del { font: 400 .95rem system-ui, sans-serif; color: var(--quiet); margin-left: .5rem; }
.quiet { color: var(--quiet); }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
input { flex: 1 1 18rem; min-width: 0; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .55rem .75rem; }
button { font: inherit; font-weight: 600; color: #fff; background: #8c2f1b; border: 0; border-radius: 8px; padding: .55rem 1rem; cursor: pointer; }
button:hover { background: #a43a23; }
button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.cards button { margin-top: .4rem; align-self: flex-start; }
#message { min-height: 1.5rem; color: var(--quiet); }
#message.bad { color: var(--accent); }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
th, td { text-align: left; padding: .55rem .9rem; border-bottom: 1px solid var(--line); }
th { font-size: .85rem; color: var(--quiet); font-weight: 500; }
tbody tr:last-child td { border-bottom: 0; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 2rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .9rem; }
[hidden] { display: none !important; }
`;
