"use strict";
(function () {
  const data = JSON.parse(document.getElementById("klaster-data").textContent);
  const drawing = JSON.parse(document.getElementById("klaster-drawing").textContent);
  const $ = (id) => document.getElementById(id);
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const ties = new Map(data.ties.map((tie) => [tie.id, tie]));
  const clusters = new Map(data.clusters.map((cluster) => [cluster.id, cluster]));
  const tiesOf = new Map(data.nodes.map((node) => [node.id, []]));
  for (const tie of data.ties) {
    tiesOf.get(tie.from).push(tie);
    if (tie.to !== tie.from) tiesOf.get(tie.to).push(tie);
  }
  const memberships = new Map(data.nodes.map((node) => [node.id, []]));
  for (const cluster of data.clusters) {
    for (const member of cluster.members) {
      if (memberships.has(member.id)) memberships.get(member.id).push({ cluster, member });
    }
  }
  const standing = (id) => {
    const all = memberships.get(id);
    if (all.some((m) => m.member.core)) return "core";
    return all.some((m) => m.member.candidate) ? "candidate" : "";
  };
  const standings = new Map(data.nodes.map((node) => [node.id, standing(node.id)]));

  const state = {
    lang: data.languages[0],
    selected: null,
    hovered: null,
    pinned: new Set(),
    cluster: "",
    isolates: false,
    partition: data.partitions[0] || "",
    layer: new Set(data.layers.filter((l) => l.on).map((l) => l.id)),
    evidence: new Set(data.evidence),
    status: new Set(data.status.filter((s) => s.on).map((s) => s.id)),
    look: new Set(data.looks),
    region: new Set(data.regions.map((r) => r.id)),
    leastTies: 1,
    leastAmount: new Map(),
  };
  const start = JSON.stringify({
    layer: [...state.layer], evidence: [...state.evidence], status: [...state.status],
    look: [...state.look], region: [...state.region], partition: state.partition,
  });

  // -- words ---------------------------------------------------------------------------------

  const text = (table, key) => {
    const found = data.messages[state.lang][table][key];
    return found === undefined ? key : found;
  };
  const say = (key, values) =>
    text("page", key).replace(/\{(\w+)\}/g, (whole, name) =>
      values && name in values ? String(values[name]) : whole);
  const lookName = (look) =>
    look in data.messages[state.lang].sphere ? text("sphere", look) : text("kind", look);
  const nameOf = (id) => (nodes.has(id) ? nodes.get(id).names[state.lang] : id);
  const numeral = (value, digits) =>
    value === null || value === undefined ? "–" :
      new Intl.NumberFormat(state.lang === "en" ? "en" : "ru",
        { maximumFractionDigits: digits === undefined ? 3 : digits }).format(value);
  const share = (value) =>
    value === null || value === undefined ? "–" :
      numeral(100 * value, 0) + (state.lang === "en" ? "%" : "\u00a0%");

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") element.className = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) element.setAttribute(key, value);
    }
    for (const child of children) {
      if (child !== null && child !== undefined) element.append(child);
    }
    return element;
  }

  // -- search --------------------------------------------------------------------------------

  function fold(typed) {
    let folded = "";
    for (const sign of typed.normalize("NFKD").toLowerCase()) {
      if (/\p{M}/u.test(sign) || data.fold.skipped.includes(sign)) continue;
      if (/[\p{L}\p{Nd}]/u.test(sign)) folded += sign in data.fold.letters ? data.fold.letters[sign] : sign;
      else folded += " ";
    }
    for (const [written, sound] of data.fold.spellings) folded = folded.split(written).join(sound);
    return folded.split(/\s+/).filter(Boolean).join(" ");
  }

  function fit(key, wanted) {
    if (key === wanted) return 0;
    if (key.startsWith(wanted)) return 1;
    if ((" " + key).includes(" " + wanted)) return 2;
    if (key.includes(wanted)) return 3;
    const words = key.split(" ");
    const parts = wanted.split(" ");
    if (parts.length > 1 && parts.every((part) => words.some((w) => w.startsWith(part)))) return 4;
    if (parts.length > 1 && parts.every((part) => key.includes(part))) return 5;
    // A longer form of a word that is known: «Қарметкомбинат» for «Қармет».
    if (parts.some((part) => words.some((w) => w.length >= 5 && part.startsWith(w)))) return 6;
    return 9;
  }

  function find(typed) {
    const wanted = fold(typed);
    if (!wanted) return [];
    const found = [];
    for (const node of data.nodes) {
      const best = Math.min(...node.keys.map((key) => fit(key, wanted)));
      if (best < 9) found.push([best, standings.get(node.id) === "core" ? 0 : 1, -node.degree, node.id]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (a[3] < b[3] ? -1 : 1));
    return found.map((entry) => entry[3]);
  }

  const stage = $("canvas");
  const search = $("search");
  const hits = $("hits");
  let active = -1;

  function showHits() {
    const found = find(search.value).slice(0, 40);
    hits.replaceChildren(...found.map((id, k) =>
      make("li", { role: "option", id: "hit-" + k, "data-id": id, "aria-selected": "false",
        onmousedown: (event) => { event.preventDefault(); choose(id); } },
      sign(nodes.get(id)),
      make("span", null, nameOf(id), drawnNow(id) ? null : make("small", null, " · " + say("not_drawn"))))));
    hits.hidden = found.length === 0;
    search.setAttribute("aria-expanded", String(found.length > 0));
    $("hit-count").textContent = !search.value.trim() ? "" :
      found.length ? say("hits", { n: find(search.value).length }) : say("no_hits");
    mark(found.length ? 0 : -1);
  }

  function mark(which) {
    active = which;
    [...hits.children].forEach((item, k) => {
      item.setAttribute("aria-selected", String(k === which));
      if (k === which) item.scrollIntoView({ block: "nearest" });
    });
    if (which >= 0) search.setAttribute("aria-activedescendant", "hit-" + which);
    else search.removeAttribute("aria-activedescendant");
  }

  function closeHits() {
    hits.hidden = true;
    search.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function choose(id) {
    closeHits();
    $("hit-count").textContent = "";
    open(id, { focus: true, centre: true });
  }

  search.addEventListener("input", showHits);
  search.addEventListener("keydown", (event) => {
    const count = hits.children.length;
    if (event.key === "Escape") {
      search.value = "";
      showHits();
      open(null);
      event.preventDefault();
    } else if (event.key === "ArrowDown" && count) {
      if (hits.hidden) showHits();
      else mark((active + 1) % count);
      event.preventDefault();
    } else if (event.key === "ArrowUp" && count) {
      mark((active - 1 + count) % count);
      event.preventDefault();
    } else if (event.key === "Enter" && active >= 0 && !hits.hidden) {
      choose(hits.children[active].getAttribute("data-id"));
      event.preventDefault();
    }
  });
  search.addEventListener("blur", () => setTimeout(closeHits, 150));

  // -- what is visible -----------------------------------------------------------------------

  const shapes = new Map(drawing.nodes.map((node) => [node.id, node]));
  for (const node of drawing.nodes) delete node.label;  // names are drawn below, without overlap
  const visNodes = new vis.DataSet(drawing.nodes);
  const visEdges = new vis.DataSet(drawing.edges);
  let shownNodes = new Set();
  let shownTies = new Set();
  const drawnNow = (id) => shownNodes.has(id);

  // Products and countries are in no cluster and no region: they stay with those they are tied to.
  function within(id, belongs) {
    const kind = nodes.get(id).kind;
    if (kind === "Product" || kind === "Region") return tiesOf.get(id).some((t) => belongs(t.from) || belongs(t.to));
    return belongs(id);
  }

  function inCluster(id) {
    return !state.cluster ||
      within(id, (node) => memberships.get(node).some((m) => m.cluster.id === state.cluster));
  }

  function inRegion(id) {
    return state.region.size === data.regions.length || within(id, (node) => state.region.has(nodes.get(node).place));
  }

  const amountOffers = new Map(data.strength.amounts.map((offer) => [offer.layer, offer]));
  const uncounted = new Set(data.strength.uncounted);
  const pairOf = new Map(data.ties.map((tie) => [tie.id, JSON.stringify([tie.from, tie.to].sort())]));

  // Which of the ties that the other filters leave are strong enough. Each is held to its own
  // amount first; parallel ties are counted among those that are left.
  function strong(left) {
    const large = left.filter((tie) => !state.leastAmount.has(tie.layer) || tie.value >= state.leastAmount.get(tie.layer));
    const between = new Map();
    for (const tie of large) {
      if (!uncounted.has(tie.layer)) between.set(pairOf.get(tie.id), (between.get(pairOf.get(tie.id)) || 0) + 1);
    }
    const many = (tie, least) => uncounted.has(tie.layer) || between.get(pairOf.get(tie.id)) >= least;
    offerStrengths(left, large.filter((tie) => !uncounted.has(tie.layer)), many);
    return large.filter((tie) => many(tie, state.leastTies));
  }

  function refresh() {
    const allowed = new Set(data.nodes.filter((node) => state.pinned.has(node.id) ||
      (state.look.has(node.look) && inCluster(node.id) && inRegion(node.id))).map((n) => n.id));
    shownTies = new Set(strong(data.ties.filter((tie) =>
      allowed.has(tie.from) && allowed.has(tie.to) && state.layer.has(tie.layer) &&
      state.evidence.has(tie.evidence) && state.status.has(tie.status))).map((tie) => tie.id));
    const touched = new Set();
    for (const id of shownTies) {
      touched.add(ties.get(id).from);
      touched.add(ties.get(id).to);
    }
    const anyTie = data.ties.length > 0;
    shownNodes = new Set([...allowed].filter((id) =>
      touched.has(id) || state.isolates || state.pinned.has(id) || !anyTie));
    paint();
    $("count").textContent = say("visible", { nodes: shownNodes.size, ties: shownTies.size }) +
      (data.amounts.stated ? " " + say("amounts_unused", data.amounts) : "") +
      (data.limited ? " " + say("limited", { shown: data.nodes.length, all: data.all_nodes }) : "") +
      (data.flows_limited && state.layer.has("flows") ? " " + say("flows_limited") : "");
  }

  function near(id) {
    const found = new Set([id]);
    for (const tie of tiesOf.get(id)) {
      if (!shownTies.has(tie.id)) continue;
      found.add(tie.from);
      found.add(tie.to);
    }
    return found;
  }

  function paint() {
    const focus = state.selected && shownNodes.has(state.selected) ? near(state.selected) : null;
    visNodes.update(drawing.nodes.map((node) => ({
      id: node.id,
      hidden: !shownNodes.has(node.id),
      opacity: !focus || focus.has(node.id) ? 1 : 0.16,
      title: nameOf(node.id),
    })));
    visEdges.update(drawing.edges.map((edge) => {
      const tie = ties.get(edge.id);
      const lit = !focus || tie.from === state.selected || tie.to === state.selected;
      return {
        id: edge.id,
        hidden: !shownTies.has(edge.id),
        color: { color: edge.color.color, opacity: lit ? edge.color.opacity : 0.07 },
        width: focus && lit ? edge.width + 1 : edge.width,
      };
    }));
    network.redraw();
  }

  // -- the drawing ---------------------------------------------------------------------------

  const network = new vis.Network($("canvas"), { nodes: visNodes, edges: visEdges }, drawing.options);

  const tints = ["#eef3f8", "#f3f1ea", "#edf4ef", "#f6eff1", "#f0eff7", "#f4f3ee"];

  function hull(points) {
    const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
    const turn = (o, a, b) => (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
    const half = (list) => {
      const chain = [];
      for (const point of list) {
        while (chain.length > 1 && turn(chain[chain.length - 2], chain[chain.length - 1], point) <= 0) chain.pop();
        chain.push(point);
      }
      chain.pop();
      return chain;
    };
    return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
  }

  function areas() {
    const found = [];
    const drawn = state.cluster ? [clusters.get(state.cluster)] : data.clusters.filter((c) => c.layer === state.partition);
    drawn.forEach((cluster, k) => {
      const points = cluster.members.filter((m) => shownNodes.has(m.id) && shapes.has(m.id))
        .map((m) => ({ x: shapes.get(m.id).x, y: shapes.get(m.id).y }));
      if (points.length < 2) return;
      const border = hull(points);
      found.push({
        cluster, border, tint: tints[k % tints.length],
        x: border.reduce((sum, p) => sum + p.x, 0) / border.length,
        y: Math.min(...border.map((p) => p.y)),
      });
    });
    return found;
  }

  network.on("beforeDrawing", (ctx) => {
    for (const area of areas()) {
      ctx.beginPath();
      area.border.forEach((p, k) => (k ? ctx.lineTo(p.x, p.y) : ctx.moveTo(p.x, p.y)));
      ctx.closePath();
      ctx.lineJoin = ctx.lineCap = "round";
      ctx.lineWidth = 92;
      ctx.strokeStyle = ctx.fillStyle = area.tint;
      ctx.stroke();
      ctx.fill();
    }
  });

  // What can be seen, in the units labels are placed in; below the toolbar, above the count.
  function frame() {
    const scale = network.getScale();
    const a = network.DOMtoCanvas({ x: 4, y: 4 });
    const b = network.DOMtoCanvas({ x: stage.clientWidth - 4, y: stage.clientHeight - 30 });
    return [a.x * scale, a.y * scale, b.x * scale, b.y * scale];
  }

  const widths = new Map();
  function width(ctx, line, font) {
    const key = font + "\u0000" + line;
    if (!widths.has(key)) {
      ctx.save();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.font = font;
      widths.set(key, ctx.measureText(line).width);
      ctx.restore();
    }
    return widths.get(key);
  }

  function wrap(name, limit) {
    const lines = [""];
    for (const piece of name.split(/\s+/)) {
      const last = lines[lines.length - 1];
      if (!last) lines[lines.length - 1] = piece;
      else if ((last + " " + piece).length <= limit) lines[lines.length - 1] = last + " " + piece;
      else lines.push(piece);
    }
    const cut = lines.slice(0, 3).map((line) => (line.length > limit + 6 ? line.slice(0, limit + 5) + "…" : line));
    if (lines.length > 3) cut[2] = cut[2].replace(/…?$/, "…");
    return cut;
  }

  const family = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif";

  function labelOrder() {
    const focus = state.selected && shownNodes.has(state.selected) ? near(state.selected) : null;
    const weight = (id) =>
      id === state.selected ? 0 : id === state.hovered ? 1 : focus && focus.has(id) ? 2 :
        standings.get(id) === "core" ? 3 : standings.get(id) === "candidate" ? 4 : 5;
    return [...shownNodes]
      .filter((id) => !focus || focus.has(id) || standings.get(id) === "core")
      .map((id) => ({ id, weight: weight(id), degree: nodes.get(id).degree, faded: focus && !focus.has(id) }))
      .sort((a, b) => a.weight - b.weight || b.degree - a.degree || (a.id < b.id ? -1 : 1));
  }

  // Names are written at one size on the screen, the important ones first, and left out where
  // they would cover another name: so they can be read at any zoom, in any language.
  function placeLabels(ctx, scale, within) {
    const taken = [];
    const signs = [];
    const placed = [];
    const clear = (box, from) => !from.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
    const inside = (box) => !within || (box[0] > within[0] && box[1] > within[1] && box[2] < within[2] && box[3] < within[3]);
    const free = (box, strong) => inside(box) && clear(box, taken) && (strong || clear(box, signs));
    for (const id of shownNodes) {
      const node = shapes.get(id);
      const r = Math.max(2, (node.size + (standings.get(id) === "core" ? 8 : 0)) * scale * 0.8);
      (standings.get(id) === "core" ? taken : signs).push([node.x * scale - r, node.y * scale - r, node.x * scale + r, node.y * scale + r]);
    }
    const areaTitles = () => { for (const area of areas()) {
      const title = area.cluster.layer === "declared" ? area.cluster.title[state.lang] : say("area", { n: area.cluster.number });
      const font = "600 12px " + family;
      const lines = wrap(title, 34);
      const wide = Math.max(...lines.map((line) => width(ctx, line, font)));
      const high = lines.length * 14;
      const x = area.x * scale;
      for (const y of [area.y * scale - 48 * scale - high, area.y * scale - 66 * scale - high, area.y * scale - 24 * scale - high]) {
        const box = [x - wide / 2, y, x + wide / 2, y + high];
        if (!free(box, true)) continue;
        taken.push(box);
        placed.push({ area: true, lines, size: 12, font, box, align: "center" });
        break;
      }
    } };
    let titled = false;
    for (const entry of labelOrder()) {
      if (!titled && entry.weight > 3) { areaTitles(); titled = true; }
      const node = shapes.get(entry.id);
      const strong = entry.weight <= 1 || standings.get(entry.id) === "core";
      const size = strong ? 13 : 11.5;
      const font = (strong ? "600 " : "") + size + "px " + family;
      const lines = wrap(nameOf(entry.id), strong ? 22 : 18);
      const wide = Math.max(...lines.map((line) => width(ctx, line, font)));
      const high = lines.length * size * 1.15;
      const r = (node.size + (standings.get(entry.id) ? 8.5 : 0)) * scale + 3;
      const x = node.x * scale;
      const y = node.y * scale;
      const boxes = [
        [x - wide / 2, y + r, "center"],
        [x - wide / 2, y - r - high, "center"],
        [x + r + 1, y - high / 2, "left"],
        [x - r - 1 - wide, y - high / 2, "right"],
      ].map(([left, top, align]) => ({ align, box: [left - 2, top - 1, left + wide + 2, top + high + 1] }));
      // The name of a core may lie over a small sign, other names may not.
      const place = boxes.find((b) => free(b.box)) || (strong && boxes.find((b) => free(b.box, true))) ||
        (entry.weight <= 1 ? boxes[0] : null);
      if (!place) continue;
      taken.push(place.box);
      placed.push({ ...entry, ...place, lines, size, font, strong });
    }
    if (!titled) areaTitles();
    return placed;
  }

  network.on("afterDrawing", (ctx) => {
    const scale = network.getScale();
    ctx.save();
    for (const id of shownNodes) {
      const rank = standings.get(id);
      const tie = id === state.selected;
      if (!rank && !tie) continue;
      const node = shapes.get(id);
      const faded = state.selected && shownNodes.has(state.selected) && !near(state.selected).has(id);
      ctx.globalAlpha = faded ? 0.25 : 1;
      ctx.strokeStyle = tie ? "#1a73c7" : "#1d2733";
      for (const gap of rank === "core" ? [4, 8.5] : [4]) {
        ctx.beginPath();
        ctx.lineWidth = tie ? 3 : 1.8;
        ctx.arc(node.x, node.y, node.size + gap, 0, 2 * Math.PI);
        ctx.stroke();
      }
    }
    for (const id of shownTies) {
      const tie = ties.get(id);
      if (tie.active || tie.from === tie.to) continue;
      const a = shapes.get(tie.from);
      const b = shapes.get(tie.to);
      const x = (a.x + b.x) / 2;
      const y = (a.y + b.y) / 2;
      ctx.globalAlpha = 0.8;
      ctx.strokeStyle = "#8a3b00";
      ctx.lineWidth = 1.6;
      ctx.beginPath();
      ctx.moveTo(x - 5, y - 5); ctx.lineTo(x + 5, y + 5);
      ctx.moveTo(x - 5, y + 5); ctx.lineTo(x + 5, y - 5);
      ctx.stroke();
    }
    ctx.scale(1 / scale, 1 / scale);
    ctx.textBaseline = "top";
    ctx.lineJoin = "round";
    for (const label of placeLabels(ctx, scale, frame())) {
      ctx.globalAlpha = label.faded ? 0.35 : 1;
      ctx.font = label.font;
      ctx.textAlign = label.align;
      const x = label.align === "left" ? label.box[0] + 2 :
        label.align === "right" ? label.box[2] - 2 : (label.box[0] + label.box[2]) / 2;
      label.lines.forEach((line, k) => {
        const y = label.box[1] + 1 + k * label.size * 1.15;
        if (!label.area) {
          ctx.lineWidth = 3.2;
          ctx.strokeStyle = "rgba(255,255,255,0.9)";
          ctx.strokeText(line, x, y);
        }
        ctx.fillStyle = label.area ? "#5a6675" : "#1d2733";
        ctx.fillText(line, x, y);
      });
    }
    ctx.restore();
    document.body.dataset.ready = "1";
  });

  const stillness = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function fitView(animate) {
    const ids = [...shownNodes];
    if (!ids.length) return;
    const xs = ids.map((id) => shapes.get(id).x);
    const ys = ids.map((id) => shapes.get(id).y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    // Room for names at the sides, for the buttons above and the count below.
    const scale = Math.min(1.2, (stage.clientWidth * 0.86 - 20) / (right - left || 1), (stage.clientHeight - 150) / (bottom - top || 1));
    network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 - 12 / scale }, scale: Math.max(0.05, scale),
      animation: animate && !stillness ? { duration: 250, easingFunction: "easeInOutQuad" } : false });
  }

  network.on("click", (event) => {
    if (event.nodes.length) open(event.nodes[0]);
    else if (event.edges.length) openTie(event.edges[0]);
    else open(null);
  });
  network.on("hoverNode", (event) => { state.hovered = event.node; network.redraw(); });
  network.on("blurNode", () => { state.hovered = null; network.redraw(); });

    const move = (dx, dy) => {
    const at = network.getViewPosition();
    const scale = network.getScale();
    network.moveTo({ position: { x: at.x + dx / scale, y: at.y + dy / scale } });
  };
  const zoom = (factor) => network.moveTo({ scale: Math.min(4, Math.max(0.05, network.getScale() * factor)) });
  stage.addEventListener("keydown", (event) => {
    const keys = {
      ArrowLeft: () => move(-70, 0), ArrowRight: () => move(70, 0),
      ArrowUp: () => move(0, -70), ArrowDown: () => move(0, 70),
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": () => fitView(true),
      Escape: () => open(null),
    };
    if (!event.ctrlKey && !event.metaKey && event.key in keys) {
      keys[event.key]();
      event.preventDefault();
    }
  });
  $("zoom-in").addEventListener("click", () => zoom(1.25));
  $("zoom-out").addEventListener("click", () => zoom(0.8));
  $("fit").addEventListener("click", () => fitView(true));

  // -- details -------------------------------------------------------------------------------

  function linkTo(id) {
    return make("a", { class: "name", href: "#node=" + encodeURIComponent(id), onclick: (event) => {
      event.preventDefault();
      open(id, { focus: true, centre: true });
    } }, nameOf(id));
  }

  function readable(address) {
    let plain = address;
    try { plain = decodeURI(address); } catch (fault) { /* shown as it is written */ }
    plain = plain.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
    return plain.length > 58 ? plain.slice(0, 57) + "…" : plain;
  }

  function sourceList(sources, locator) {
    const list = make("span", null, sources.length ? "" : say("not_stated"));
    sources.forEach((source, k) => {
      if (k) list.append("; ");
      const web = source.url && /^https?:\/\//i.test(source.url);
      list.append(web ?
        make("a", { href: source.url, rel: "noopener noreferrer", target: "_blank", title: source.url }, readable(source.text)) :
        source.text);
      if (source.title) list.append(" (" + source.title + ")");
    });
    if (locator) list.append(" — " + locator);
    return list;
  }

  function years(tie) {
    if (tie.year && tie.year_to && tie.year !== tie.year_to) return tie.year + "–" + tie.year_to;
    if (tie.year_to && !tie.year) return "–" + tie.year_to;
    return tie.year ? String(tie.year) : "";
  }

  function measure(amount) {
    const { unit, currency, period } = amount;
    return [unit, currency && !(unit || "").includes(currency) ? currency : "", period].filter(Boolean).join(", ");
  }

  function evidenceWord(evidence) {
    const warn = evidence === "estimated" || evidence === "synthetic";
    return warn ? make("span", { class: "marked" }, text("evidence", evidence)) : text("evidence", evidence);
  }

  function tieItem(tie, seenFrom, told) {
    const out = tie.from === seenFrom;
    const other = out ? tie.to : tie.from;
    const arrow = tie.symmetric ? "↔" : out ? "→" : "←";
    const words = data.messages[state.lang].tie[tie.tie_type];
    const item = make("li", { class: "tie" + (tie.active ? "" : " pale") + (told ? " told" : ""), "data-tie": tie.id },
      make("div", null, make("span", { class: "verb" }, arrow + " " + (out ? words.out : words.in) + ": "),
        tie.from === tie.to ? say("self") : linkTo(other)));
    item.style.borderLeftColor = data.palette.layers[tie.layer] || "#999";
    const what = [tie.product, tie.meaning].filter(Boolean).join("; ");
    if (what) item.append(make("div", null, what));
    const facts = make("div", { class: "facts" });
    const add = (piece) => { if (piece) facts.append(facts.childNodes.length ? " · " : "", piece); };
    add(years(tie));
    add(evidenceWord(tie.evidence));
    if (tie.status !== "current") add(tie.active ? text("status", tie.status) :
      make("span", { class: "marked" }, "✕ " + text("status", tie.status)));
    if (tie.confidence) add(say("confidence") + ": " + text("confidence", tie.confidence));
    if (tie.value !== undefined) {
      add(say("amount") + ": " + numeral(tie.value) + " " + measure(tie));
    }
    if (!shownTies.has(tie.id)) add(say("hidden_tie"));
    item.append(facts);
    for (const note of [tie.status_note, tie.note]) if (note) item.append(make("div", { class: "facts" }, note));
    item.append(make("div", { class: "source" }, say("source") + ": ", sourceList(tie.sources, tie.locator)));
    return item;
  }

  function heading(title, id) {
    return make("h2", { tabindex: "-1", id: "panel-title" }, make("span", null, title),
      make("button", { type: "button", class: "close", onclick: () => open(null) }, say("close")));
  }

  function facts(pairs) {
    const list = make("dl", null);
    for (const [label, value] of pairs) {
      if (!value) continue;
      list.append(make("dt", null, label), make("dd", null, value));
    }
    return list;
  }

  function membershipBlock(node, entry) {
    const { cluster, member } = entry;
    const badge = member.core ? make("span", { class: "badge core" }, say("is_core")) :
      member.candidate ? make("span", { class: "badge" }, say("is_candidate")) : null;
    const block = make("div", { class: "cluster-card" },
      make("div", null, make("strong", null, cluster.title[state.lang]), " ", badge),
      make("div", { class: "quiet" }, text("layer", cluster.layer)));
    block.append(make("div", null, member.rank === null ? say("rank_none") : say("rank", {
      rank: numeral(member.rank, 1), n: cluster.members.length, low: numeral(member.low, 1), high: numeral(member.high, 1),
    })));
    if (member.stability !== null) block.append(make("div", null, say("stability", { share: share(member.stability) })));
    if (member.role[state.lang]) block.append(make("div", null, say("role") + ": " + member.role[state.lang]));
    if (member.reasons.length) {
      block.append(make("h4", null, say("why")));
      block.append(make("ul", { class: "reasons" }, ...member.reasons.map((reason) => {
        const item = make("li", null, reason.text[state.lang]);
        const held = reason.ties.filter((id) => ties.has(id));
        if (held.length) {
          item.append(make("details", null, make("summary", { class: "quiet" }, say("rests_on") + ": " + held.length),
            make("ul", null, ...held.map((id) => {
              const tie = ties.get(id);
              return tie.from === node.id || tie.to === node.id ? tieItem(tie, node.id) : tieItem(tie, tie.from);
            }))));
        }
        return item;
      })));
    }
    const lenses = Object.keys(data.messages[state.lang].lens).filter((lens) => lens in member.lenses);
    if (lenses.length) {
      block.append(make("details", null, make("summary", { class: "quiet" }, say("lenses")),
        make("p", { class: "quiet" }, say("lens_note")),
        facts(lenses.map((lens) => [text("lens", lens),
          numeral(member.lenses[lens][0]) + " · " + share(member.lenses[lens][1])]))));
    }
    return block;
  }

  function nodePanel(id, told) {
    const node = nodes.get(id);
    const other = [...new Set(data.languages.map((lang) => node.names[lang]))].filter((n) => n !== nameOf(id));
    const rank = standings.get(id);
    const parts = [heading(nameOf(id))];
    if (rank) parts.push(make("p", null, make("span", { class: "badge " + rank },
      rank === "core" ? say("is_core") : say("is_candidate"))));
    if (node.evidence === "synthetic" || node.evidence === "estimated") parts.push(make("p", null, evidenceWord(node.evidence)));
    parts.push(facts([
      [say("names"), other.join("; ")],
      [say("aliases"), node.aliases.join("; ")],
      [say("type"), node.actor_type ? text("actor_type", node.actor_type) :
        node.region_type ? text("region_type", node.region_type) : text("kind", node.kind)],
      [say("sphere"), node.sphere ? text("sphere", node.sphere) : ""],
      [say("industry"), node.industry],
      [say("region"), node.region[state.lang]],
      [say("city"), node.city],
      [say("country"), node.country],
      [say("legal_form"), node.legal_form],
      [say("bin"), node.bin],
      [say("state"), [node.status ? text("status", node.status) : "", node.status_note].filter(Boolean).join(": ")],
      [say("note"), node.note],
      [say("known_from"), node.sources.length ? sourceList(node.sources, node.locator) : ""],
    ]));
    if (memberships.get(id).length) {
      parts.push(make("h3", null, say("in_cluster")));
      parts.push(...memberships.get(id).map((entry) => membershipBlock(node, entry)));
    }
    const own = [...tiesOf.get(id)].sort((a, b) =>
      Number(b.active) - Number(a.active) ||
      data.layers.findIndex((l) => l.id === a.layer) - data.layers.findIndex((l) => l.id === b.layer) ||
      (a.id < b.id ? -1 : 1));
    parts.push(make("h3", null, say("ties") + " (" + own.length + ")"));
    parts.push(own.length ? make("ul", { id: "ties" }, ...own.map((tie) => tieItem(tie, id, tie.id === told))) :
      make("p", null, say("ties_none")));
    return parts;
  }

  function overview() {
    const parts = [make("h2", { tabindex: "-1", id: "panel-title" }, make("span", null, say("overview")))];
    parts.push(make("p", { class: "quiet" }, say(data.clusters.length ? "overview_hint" : "overview_none")));
    for (const layer of data.partitions) {
      const group = data.clusters.filter((cluster) => cluster.layer === layer);
      parts.push(make("h3", null, text("layer", layer)));
      for (const cluster of group) {
        const card = make("div", { class: "cluster-card" },
          make("button", { type: "button", class: "name strong", onclick: () => only(cluster.id) }, cluster.title[state.lang]),
          make("div", { class: "quiet" }, say("members", { n: cluster.members.length })));
        for (const [key, test] of [["cores", (m) => m.core], ["candidates", (m) => m.candidate && !m.core]]) {
          const some = cluster.members.filter((m) => test(m) && nodes.has(m.id));
          if (!some.length) {
            if (key === "cores") card.append(make("div", null, say("cores") + ": " + say("no_cores")));
            continue;
          }
          const line = make("div", null, say(key) + ": ");
          some.slice(0, 6).forEach((m, k) => line.append(k ? ", " : "", linkTo(m.id)));
          if (some.length > 6) line.append(" " + say("and_more", { n: some.length - 6 }));
          card.append(line);
        }
        parts.push(card);
      }
    }
    return parts;
  }

  function open(id, options) {
    const wish = options || {};
    if (id !== null && !nodes.has(id)) return false;
    state.selected = id;
    state.told = wish.told || null;
    state.pinned = new Set();
    refresh();
    if (id !== null && !shownNodes.has(id)) {
      state.pinned.add(id);
      refresh();
    }
    renderPanel();
    if (id !== null && wish.centre) {
      const node = shapes.get(id);
      network.moveTo({ position: { x: node.x, y: node.y }, scale: Math.max(network.getScale(), 0.75) });
    }
    if (wish.focus && $("panel-title")) $("panel-title").focus({ preventScroll: window.innerWidth > 820 });
    return true;
  }

  function openTie(id) {
    if (!ties.has(id)) return false;
    open(ties.get(id).from, { told: id });
    const item = [...document.querySelectorAll("#ties > li")].find((li) => li.dataset.tie === id);
    if (item) item.scrollIntoView({ block: "center" });
    return true;
  }

  function only(cluster) {
    state.cluster = cluster;
    $("cluster").value = cluster;
    open(null);
    fitView(true);
  }

  function renderPanel() {
    $("panel").replaceChildren(...(state.selected === null ? overview() : nodePanel(state.selected, state.told)));
    $("panel").scrollTop = 0;
  }

  // -- filters and legend --------------------------------------------------------------------

  const SVG = "http://www.w3.org/2000/svg";
  function svg(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function outline(shape, x, y, r) {
    const ring = (count, begin, step, radii) => {
      const points = [];
      for (let k = 0; k < count; k += 1) {
        const angle = begin + k * step;
        const radius = radii ? radii[k % radii.length] : r;
        points.push((x + radius * Math.sin(angle)).toFixed(1) + "," + (y - radius * Math.cos(angle)).toFixed(1));
      }
      return points.join(" ");
    };
    const third = (2 * Math.PI) / 3;
    const make = {
      triangle: () => ring(3, 0, third, [r * 1.1]),
      triangleDown: () => ring(3, Math.PI, third, [r * 1.1]),
      square: () => ring(4, Math.PI / 4, Math.PI / 2, [r * 1.25]),
      diamond: () => ring(4, 0, Math.PI / 2, [r * 1.1]),
      hexagon: () => ring(6, Math.PI / 6, Math.PI / 3, [r]),
      star: () => ring(10, 0, Math.PI / 5, [r * 1.15, r * 0.5]),
    };
    return shape in make ? svg("polygon", { points: make[shape]() }) : svg("circle", { cx: x, cy: y, r });
  }

  function sign(node) {
    const look = data.palette.nodes[node.look];
    const drawn = outline(look.shape, 8, 8, 6);
    drawn.setAttribute("fill", look.colour);
    const box = svg("svg", { class: "mark", viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn);
    box.style.width = "16px";
    return box;
  }

  function lineSign(colour, dashes, extra) {
    return svg("svg", { class: "mark", viewBox: "0 0 26 16", "aria-hidden": "true" },
      svg("line", { x1: 1, x2: 25, y1: 8, y2: 8, stroke: colour, "stroke-width": 2.4,
        "stroke-dasharray": (dashes || []).map((d) => d * 0.7).join(" ") }), ...(extra || []));
  }

  const regionNames = new Map(data.regions.map((region) => [region.id, region.name]));
  const regionName = (id) => (regionNames.get(id) ? regionNames.get(id)[state.lang] : say("region_" + id));
  // By name; those known by no name of a region last, as they come.
  const byRegionName = (a, b) => (regionNames.get(a) && regionNames.get(b) ?
    regionName(a).localeCompare(regionName(b), state.lang) || (a < b ? -1 : 1) :
    Number(!regionNames.get(a)) - Number(!regionNames.get(b)));

  const groups = [
    { key: "layer", title: "layers", items: data.layers.map((l) => l.id), name: (i) => text("layer", i),
      sign: (i) => lineSign(data.palette.layers[i] || "#999", []), count: (i) => data.ties.filter((t) => t.layer === i).length },
    { key: "look", title: "spheres", items: data.looks, name: lookName,
      sign: (i) => sign({ look: i }), count: (i) => data.nodes.filter((n) => n.look === i).length },
    { key: "region", title: "regions", items: data.regions.map((r) => r.id), name: regionName, order: byRegionName, many: true,
      sign: (i) => null, count: (i) => data.nodes.filter((n) => n.place === i).length },
    { key: "evidence", title: "evidence", items: data.evidence, name: (i) => text("evidence", i),
      sign: (i) => lineSign("#444", data.palette.dashes[i]), count: (i) => data.ties.filter((t) => t.evidence === i).length },
    { key: "status", title: "status", items: data.status.map((s) => s.id), name: (i) => text("status", i),
      sign: (i) => null, count: (i) => data.ties.filter((t) => t.status === i).length },
  ];

  function narrowed() {
    state.pinned = new Set();
    refresh();
    if (state.selected) renderPanel();
  }

  function filterGroup(group) {
    const chosen = state[group.key];
    const boxes = [];
    const lines = (group.order ? [...group.items].sort(group.order) : group.items).map((item) => {
      const box = make("input", { type: "checkbox", "data-filter": group.key, value: item });
      box.checked = chosen.has(item);
      box.addEventListener("change", () => {
        if (box.checked) chosen.add(item);
        else chosen.delete(item);
        narrowed();
      });
      boxes.push(box);
      return make("label", { class: "check" }, box, group.sign(item), make("span", null, group.name(item)),
        make("span", { class: "n" }, numeral(group.count(item))));
    });
    const parts = [make("legend", null, say(group.title))];
    if (group.many) {
      const every = (word, on) => make("button", { type: "button", "data-every": group.key + (on ? "-on" : "-off"),
        "aria-label": say(group.title) + ": " + say(word), onclick: () => {
          chosen.clear();
          for (const box of boxes) {
            box.checked = on;
            if (on) chosen.add(box.value);
          }
          narrowed();
        } }, say(word));
      parts.push(make("div", { class: "every" }, every("choose_all", true), every("choose_none", false)));
    }
    return make("fieldset", null, ...parts, make("div", group.many ? { class: "many" } : null, ...lines));
  }

  // One list for the number of parallel ties, one for each layer whose amounts can be compared.
  // How many ties each choice leaves depends on the other filters and is written by refresh().
  const strengths = [];

  function strengthList(key, title, steps, chosen, choose) {
    const list = make("select", { id: "strength-" + key, "data-strength": key },
      make("option", { value: "" }, say("any_strength")), ...steps.map((step) => make("option", { value: step })));
    list.value = String(chosen);
    list.addEventListener("change", () => { choose(Number(list.value)); narrowed(); });
    const block = make("div", null, make("label", { for: list.id }, title), list);
    strengths.push({ key, steps, list, block });
    return block;
  }

  function strengthGroup() {
    strengths.length = 0;
    const lists = [];
    if (data.strength.counts.length) {
      lists.push(strengthList("ties", say("ties_between"), data.strength.counts, state.leastTies > 1 ? state.leastTies : "",
        (least) => { state.leastTies = least || 1; }));
    }
    for (const offer of amountOffers.values()) {
      const title = say("tie_amount", { layer: text("layer", offer.layer), measure: measure(offer) });
      const chosen = state.leastAmount.has(offer.layer) ? state.leastAmount.get(offer.layer) : "";
      lists.push(strengthList(offer.layer, title, offer.steps, chosen, (least) => {
        if (least) state.leastAmount.set(offer.layer, least);
        else state.leastAmount.delete(offer.layer);
      }));
    }
    return lists.length ? make("fieldset", { id: "strength" }, make("legend", null, say("strength")), ...lists) : null;
  }

  // Say how many ties each minimum leaves; amounts of a layer that is off cannot be chosen.
  function offerStrengths(left, counted, many) {
    for (const { key, steps, list, block } of strengths) {
      const amounts = amountOffers.has(key);
      const own = amounts ? left.filter((tie) => tie.layer === key) : counted;
      block.hidden = amounts && !state.layer.has(key);
      steps.forEach((step, k) => {
        const n = own.filter((tie) => (amounts ? tie.value >= step : many(tie, step))).length;
        list.options[k + 1].textContent = say("at_least", { least: numeral(step), n: numeral(n) });
      });
    }
    const group = $("strength");
    if (group) group.hidden = strengths.every((entry) => entry.block.hidden);
  }

  function renderFilters() {
    $("filters").replaceChildren(...groups.filter((g) => g.items.length).map(filterGroup));
    const strength = strengthGroup();
    if (strength) $("filters").append(strength);
    const choice = $("cluster");
    choice.replaceChildren(make("option", { value: "" }, say("all_clusters")),
      ...data.partitions.map((layer) => make("optgroup", { label: text("layer", layer) },
        ...data.clusters.filter((c) => c.layer === layer).map((c) =>
          make("option", { value: c.id }, c.title[state.lang])))));
    choice.value = state.cluster;
    const partition = $("partition");
    partition.replaceChildren(...data.partitions.map((layer) => make("option", { value: layer },
      layer === "declared" ? say("partition_declared") : say("partition_found", { layer: text("layer", layer) }))),
    make("option", { value: "" }, say("partition_none")));
    partition.value = state.partition;
    const ring = (radii) => svg("svg", { class: "mark", viewBox: "0 0 26 16", "aria-hidden": "true" },
      svg("circle", { cx: 13, cy: 8, r: 3.2, fill: "#0072b2" }),
      ...radii.map((r) => svg("circle", { cx: 13, cy: 8, r, fill: "none", stroke: "#1d2733" })));
    const cross = [svg("path", { d: "M10 5l6 6M16 5l-6 6", stroke: "#8a3b00", "stroke-width": 1.6 })];
    const arrow = [svg("path", { d: "M25 8l-8-4v8z", fill: "#444" })];
    $("legend").replaceChildren(...[
      [ring([5, 7.2]), "legend_core"], [ring([5.4]), "legend_candidate"],
      [lineSign("#444", [], arrow), "legend_direction"],
      [lineSign("#444", data.palette.dashes.measured), "legend_solid"],
      [lineSign("#444", data.palette.dashes.paper), "legend_dashed"],
      [lineSign("#444", data.palette.dashes.estimated), "legend_dotted"],
      ...(data.evidence.includes("not-stated") ? [[lineSign("#444", data.palette.dashes["not-stated"]), "legend_unstated"]] : []),
      [lineSign("#c9cdd3", [], cross), "legend_pale"],
    ].map(([mark, key]) => make("li", null, mark, make("span", null, say(key)))));
  }

  $("cluster").addEventListener("change", (event) => only(event.target.value));
  $("partition").addEventListener("change", (event) => { state.partition = event.target.value; network.redraw(); });
  $("isolates").addEventListener("change", (event) => { state.isolates = event.target.checked; refresh(); });
  $("reset").addEventListener("click", () => {
    const first = JSON.parse(start);
    for (const key of ["layer", "evidence", "status", "look", "region"]) state[key] = new Set(first[key]);
    state.leastTies = 1;
    state.leastAmount.clear();
    state.partition = first.partition;
    state.cluster = "";
    state.isolates = $("isolates").checked = false;
    renderFilters();
    open(null);
    fitView(true);
  });

  // -- languages -----------------------------------------------------------------------------

  function setLanguage(lang) {
    if (!data.languages.includes(lang)) return false;
    state.lang = lang;
    document.documentElement.lang = document.documentElement.dataset.lang = lang;
    document.title = data.title[lang];
    document.querySelector("[data-title]").textContent = data.title[lang];
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
    for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
    for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = say(element.dataset.placeholder);
    for (const button of $("languages").children) button.setAttribute("aria-pressed", String(button.lang === lang));
    const report = $("to-report");
    if (report) report.setAttribute("href", report.dataset.report + "#lang=" + lang);
    renderFilters();
    refresh();
    renderPanel();
    if (search.value) showHits();
    return true;
  }

  $("languages").replaceChildren(...data.languages.map((lang) =>
    make("button", { type: "button", lang, onclick: () => setLanguage(lang) }, data.messages[lang].language)));

  // -- saving --------------------------------------------------------------------------------

  function save(blob, name) {
    const address = URL.createObjectURL(blob);
    const link = make("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 2000);
  }

  function png() {
    const source = stage.querySelector("canvas");
    const copy = make("canvas", { width: source.width, height: source.height });
    const ctx = copy.getContext("2d");
    ctx.fillStyle = "#fff";
    ctx.fillRect(0, 0, copy.width, copy.height);
    ctx.drawImage(source, 0, 0);
    return copy;
  }

  function svgText() {
    const ids = [...shownNodes];
    const xs = ids.map((id) => shapes.get(id).x);
    const ys = ids.map((id) => shapes.get(id).y);
    const pad = 110;
    const left = Math.min(...xs, 0) - pad;
    const top = Math.min(...ys, 0) - pad;
    const wide = Math.max(...xs, 0) + pad - left;
    const high = Math.max(...ys, 0) + pad - top;
    const root = svg("svg", { xmlns: SVG, viewBox: [left, top, wide, high].join(" "), width: wide, height: high, "font-family": family });
    root.append(svg("title", {}, data.title[state.lang]));
    root.append(svg("rect", { x: left, y: top, width: wide, height: high, fill: "#fff" }));
    root.append(svg("defs", {}, ...data.layers.map((l) => svg("marker",
      { id: "arrow-" + l.id, viewBox: "0 0 10 10", refX: 10, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" },
      svg("path", { d: "M0 0L10 5L0 10z", fill: data.palette.layers[l.id] || "#999" })))));
    for (const area of areas()) {
      root.append(svg("polygon", { points: area.border.map((p) => p.x + "," + p.y).join(" "), fill: area.tint,
        stroke: area.tint, "stroke-width": 92, "stroke-linejoin": "round" }));
    }
    for (const edge of drawing.edges) {
      if (!shownTies.has(edge.id)) continue;
      const tie = ties.get(edge.id);
      const a = shapes.get(tie.from);
      const b = shapes.get(tie.to);
      const length = Math.hypot(b.x - a.x, b.y - a.y);
      if (!length) continue;
      const bend = (edge.smooth.type === "curvedCCW" ? 1 : -1) * edge.smooth.roundness * length;
      const mid = { x: (a.x + b.x) / 2 + (bend * -(b.y - a.y)) / length, y: (a.y + b.y) / 2 + (bend * (b.x - a.x)) / length };
      const trim = (from, to, r) => {
        const d = Math.hypot(to.x - from.x, to.y - from.y) || 1;
        return [(from.x + ((to.x - from.x) * r) / d).toFixed(1), (from.y + ((to.y - from.y) * r) / d).toFixed(1)].join(" ");
      };
      const path = svg("path", { d: "M" + trim(a, mid, a.size) + "Q" + mid.x.toFixed(1) + " " + mid.y.toFixed(1) + " " + trim(b, mid, b.size + 2),
        fill: "none", stroke: edge.color.color, "stroke-opacity": edge.color.opacity, "stroke-width": edge.width });
      if (edge.dashes) path.setAttribute("stroke-dasharray", edge.dashes.join(" "));
      if (edge.arrows) path.setAttribute("marker-end", "url(#arrow-" + tie.layer + ")");
      root.append(path);
    }
    for (const id of ids) {
      const node = shapes.get(id);
      const mark = outline(node.shape, node.x, node.y, node.size);
      mark.setAttribute("fill", node.color.background);
      mark.setAttribute("stroke", node.color.border);
      root.append(mark);
      const rank = standings.get(id);
      for (const gap of rank === "core" ? [4, 8.5] : rank ? [4] : []) {
        root.append(svg("circle", { cx: node.x, cy: node.y, r: node.size + gap, fill: "none", stroke: "#1d2733", "stroke-width": 1.8 }));
      }
    }
    const ctx = stage.querySelector("canvas").getContext("2d");
    for (const label of placeLabels(ctx, 1)) {
      const anchor = { left: "start", right: "end", center: "middle" }[label.align];
      const x = label.align === "left" ? label.box[0] + 2 : label.align === "right" ? label.box[2] - 2 : (label.box[0] + label.box[2]) / 2;
      label.lines.forEach((line, k) => root.append(svg("text", { x: x.toFixed(1), y: (label.box[1] + 1 + (k * 1.15 + 0.85) * label.size).toFixed(1),
        "font-size": label.size, "text-anchor": anchor, "font-weight": label.strong || label.area ? 600 : 400,
        fill: label.area ? "#5a6675" : "#1d2733", stroke: "#fff", "stroke-width": 3, "paint-order": "stroke" }, line)));
    }
    return new XMLSerializer().serializeToString(root);
  }

  $("png").addEventListener("click", () => png().toBlob((blob) => save(blob, "network.png"), "image/png"));
  $("svg").addEventListener("click", () => save(new Blob([svgText()], { type: "image/svg+xml" }), "network.svg"));

  // -- begin ---------------------------------------------------------------------------------

  if (window.innerWidth <= 820) for (const id of ["filter-fold", "legend-fold"]) $(id).open = false;
  const wish = new URLSearchParams(location.hash.slice(1));
  if (!setLanguage(wish.get("lang") || "")) setLanguage(state.lang);
  fitView(false);
  if (wish.get("node")) open(wish.get("node"), { centre: true });
  window.addEventListener("hashchange", () => {
    const next = new URLSearchParams(location.hash.slice(1));
    if (next.get("lang")) setLanguage(next.get("lang"));
    if (next.get("node")) open(next.get("node"), { centre: true });
  });

  window.klaster = {
    find,
    fold,
    open,
    openTie,
    language: setLanguage,
    selected: () => state.selected,
    shown: () => ({ nodes: [...shownNodes].sort(), ties: [...shownTies].sort() }),
    at: (id) => {
      const point = network.canvasToDOM({ x: shapes.get(id).x, y: shapes.get(id).y });
      const box = stage.getBoundingClientRect();
      return { x: box.left + point.x, y: box.top + point.y };
    },
    png: () => png().toDataURL("image/png"),
    svg: svgText,
    labels: () => {
      const ctx = stage.querySelector("canvas").getContext("2d");
      return placeLabels(ctx, network.getScale(), frame()).map((l) => ({ id: l.id || "", box: l.box, lines: l.lines }));
    },
  };
})();
