const find = (id) => document.getElementById(id);
let token = sessionStorage.getItem("token");

async function call(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`/api/${path}`, { method, body, headers });
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

function tile(picture) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.href = picture.url;
  const image = link.appendChild(document.createElement("img"));
  image.src = picture.thumbnail_url;
  image.alt = "";
  const remove = item.appendChild(document.createElement("button"));
  remove.textContent = "Delete";
  remove.onclick = () => attempt(async () => {
    await call("DELETE", `media/${picture.id}`);
    item.remove();
  });
  return item;
}

async function show() {
  for (const id of ["add", "leave"]) find(id).hidden = !token;
  find("enter").hidden = Boolean(token);
  const { media } = token ? await call("GET", "media") : { media: [] };
  find("media").replaceChildren(...media.map(tile));
}

function sign(given) {
  token = given;
  if (token) sessionStorage.setItem("token", token);
  else sessionStorage.removeItem("token");
}

find("enter").onsubmit = (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  attempt(async () => {
    sign((await call("POST", event.submitter.value, JSON.stringify(fields))).token);
    await show();
  });
};

find("add").onchange = (event) => attempt(async () => {
  find("media").prepend(tile(await call("POST", "media", event.target.files[0])));
  find("add").reset();
});

find("leave").onclick = () => attempt(() => {
  sign(null);
  return show();
});

attempt(show);
