// What is kept on the phone, in IndexedDB: drafts, photos, and who used the phone last. Where a browser gives no
// database (some private windows) a map keeps it for as long as the page is open.
const STORES = ["drafts", "photos", "meta"];

const database = new Promise((resolve) => {
  try {
    const asked = indexedDB.open("pocket", 1);
    asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name, { keyPath: "key" }));
    asked.onerror = () => resolve(null);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
  } catch {
    resolve(null);
  }
});
const maps = Object.fromEntries(STORES.map((name) => [name, new Map()]));

async function within(name, mode, act) {
  const db = await database;
  if (!db) return act(null);
  return new Promise((resolve, reject) => {
    const work = db.transaction(name, mode, { durability: "strict" });
    let result;
    work.oncomplete = () => resolve(result);
    work.onerror = work.onabort = () => reject(work.error);
    act(work.objectStore(name), (value) => { result = value; });
  });
}

export const all = (name) =>
  within(name, "readonly", (store, give) => {
    if (!store) return [...maps[name].values()];
    store.getAll().onsuccess = (event) => give(event.target.result);
  });

export const get = (name, key) =>
  within(name, "readonly", (store, give) => {
    if (!store) return maps[name].get(key);
    store.get(key).onsuccess = (event) => give(event.target.result);
  });

// Read, change and write in one step, so that two pages never undo each other's change. `work` gets what is there
// (or undefined) and gives what shall be there; undefined leaves all as it is, null takes it away.
export const change = (name, key, work) =>
  within(name, "readwrite", (store, give) => {
    if (!store) {
      const made = work(maps[name].get(key));
      if (made === null) maps[name].delete(key);
      else if (made) maps[name].set(key, made);
      return made;
    }
    store.get(key).onsuccess = (event) => {
      const made = work(event.target.result);
      if (made === null) store.delete(key);
      else if (made) store.put(made);
      give(made);
    };
  });

export const put = (name, value) => change(name, value.key, () => value);
export const drop = (name, key) => change(name, key, () => null);

export async function wipe() {
  for (const name of STORES)
    await within(name, "readwrite", (store) => (store ? store.clear() : maps[name].clear()));
}
