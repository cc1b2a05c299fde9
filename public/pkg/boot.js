// Loads the islands when the browser has nothing else to do. Pages are whole without it.
// Served as a file of its own, so that the content security policy needs no inline script.

const idle = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 1));

// Only islands are looked for: a page of thousands of elements costs nothing.
const hydrate = async (module) => {
  module.hydrate();
  for (const island of document.querySelectorAll("leptos-island[data-component]")) {
    const start = module[island.dataset.component];
    if (start) {
      await start(island);
    } else {
      console.warn(`no island named ${island.dataset.component}: page and script are of different versions`);
    }
  }
  document.documentElement.dataset.ready = "";
};

idle(async () => {
  // Beside this file: the folder's name is the hash of what was built together.
  const module = await import("./landfall.js");
  await module.default({ module_or_path: new URL("landfall.wasm", import.meta.url) });
  await hydrate(module);
});
