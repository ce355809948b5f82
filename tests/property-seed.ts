import fc from "fast-check";

// A test that passed yesterday passes today: property tests draw the same cases in every run.
// PROPERTY_SEED=random (or a number) looks for others.
const wish = process.env.PROPERTY_SEED ?? "20261123";
fc.configureGlobal({ seed: wish === "random" ? Date.now() ^ (process.pid << 8) : Number(wish) });
