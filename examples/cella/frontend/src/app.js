const find = (id) => document.getElementById(id);
const AGAIN_MS = 1000;

async function call(method, path, body) {
  const answer = await fetch(`/api/${path}`, { method, body: body && JSON.stringify(body) });
  const told = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

async function attempt(work) {
  find("told").textContent = "";
  try {
    await work();
  } catch (error) {
    find("told").textContent = error.message;
  }
}

// A post is shown by its text, never as markup.
function line(post) {
  const item = document.createElement("li");
  item.id = `post-${post.id}`;
  item.textContent = `${post.author}: ${post.text}`;
  return item;
}

async function load() {
  find("posts").replaceChildren(...(await call("GET", "posts")).posts.map(line));
}

function change({ kind, row }) {
  if (kind === "reload" || kind === "truncate") return load();
  const before = find(`post-${row.id}`);
  if (kind === "delete") return before?.remove();
  return before ? before.replaceWith(line(row)) : find("posts").prepend(line(row));
}

// Listens first and loads then, and takes what it is told one after the other: a change that comes while everything is being loaded
// is newer than what is loaded. Whatever ends it, it is tried again.
function listen() {
  const socket = new WebSocket(`wss://${location.host}/api/live`);
  let taken = Promise.resolve();
  const take = (work) => {
    taken = taken.then(work).catch(() => socket.close());
  };
  socket.onopen = () => {
    take(load);
    take(() => {
      if (socket.readyState === WebSocket.OPEN) find("live").textContent = "live";
    });
  };
  socket.onmessage = ({ data }) => take(() => change(JSON.parse(data)));
  socket.onclose = () => {
    find("live").textContent = "offline";
    setTimeout(listen, AGAIN_MS);
  };
}

find("enter").onsubmit = (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  attempt(async () => {
    await call("POST", event.submitter.value, fields);
    find("enter").hidden = true;
    find("write").hidden = false;
  });
};

find("write").onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    await call("POST", "posts", Object.fromEntries(new FormData(event.target)));
    find("write").reset(); // it is shown when it comes back
  });
};

listen();
