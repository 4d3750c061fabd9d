// What the walks need to choose, to wait and to compare.

// differences says in which fields of what is true something else is shown.
export function differences(truth, shown, path = '') {
  if (truth === null || typeof truth !== 'object') {
    return truth === (shown ?? null) ? [] : [`${path} is ${JSON.stringify(shown)}, and the server says ${JSON.stringify(truth)}`];
  }
  if (Array.isArray(truth) && truth.length !== shown?.length) return [`${path} has ${shown?.length} elements, and the server has ${truth.length}`];
  return Object.entries(truth).flatMap(([name, value]) => differences(value, shown?.[name], path ? `${path}.${name}` : name));
}

// idsIn are the IDs of all objects in an answer.
export function idsIn(data) {
  if (data === null || typeof data !== 'object') return [];
  const below = Object.values(data).flatMap(idsIn);
  return typeof data.id === 'string' ? [data.id, ...below] : below;
}

// randomness makes the same choices for the same seed (mulberry32).
export function randomness(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return {
    below,
    pick: (list) => list[below(list.length)],
    weighted(list) {
      let at = below(list.reduce((sum, { weight }) => sum + weight, 0));
      return list.find(({ weight }) => (at -= weight) < 0);
    },
  };
}

// within waits for what must come soon.
export async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`in vain: ${what}`)), 30_000); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// follow collects a cache's events from a cursor on in its `live`.
export function follow(cache, variables) {
  let waiting = [];
  const failed = (fault) => { throw new Error(`${cache.name}'s events: ${JSON.stringify(fault)}`); };
  cache.unfollow = cache.follow(variables, (event) => {
    cache.live.push(event);
    waiting = waiting.filter(({ ready, resolve }) => !ready() || resolve());
  }, failed);
  cache.until = (ready) => new Promise((resolve) => {
    if (ready()) resolve();
    else waiting.push({ ready, resolve });
  });
}

// replay reads events through a cache up to the one at `last`, and gives each to `each`.
export async function replay(cache, { variables, last, each }) {
  let stop;
  const all = new Promise((resolve, reject) => {
    let over = false;
    stop = cache.follow(variables, (event) => {
      if (over) return;
      try {
        each(event);
      } catch (fault) {
        reject(fault);
      }
      over = event.cursor === last;
      if (over) resolve();
    }, reject);
  });
  try {
    await within(`${cache.name} replays up to ${last}`, all);
  } finally {
    stop();
  }
}
