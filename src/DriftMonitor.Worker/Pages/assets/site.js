// What pages do beyond reading: local times, charts, refresh, and changes by the API. Pages read without it.
'use strict';
(() => {
  const TOKEN = 'driftmonitor-token';
  const WHO = 'driftmonitor-who';
  const all = (selector, root = document) => root.querySelectorAll(selector);

  // ---- Times: local, with UTC beside them

  const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' });
  const two = number => String(number).padStart(2, '0');
  const day = t => `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
  const clock = t => `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  const zoneOf = t => zone.formatToParts(t).find(part => part.type === 'timeZoneName')?.value ?? '';
  const utc = t => `${t.toISOString().slice(0, 19).replace('T', ' ')}Z`;

  const shortOf = time => `${day(time) === day(new Date()) ? '' : `${day(time)} `}${clock(time)}`;
  const localOf = time => `${day(time) === day(new Date()) ? '' : `${day(time)} `}${clock(time)} ${zoneOf(time)}`;

  const isUtc = time => time.getTimezoneOffset() === 0;
  const withUtc = (time, local) => `${local} (${utc(time).slice(0, 10) === day(time) ? utc(time).slice(11) : utc(time)})`;
  const bothOf = time => isUtc(time) ? utc(time) : withUtc(time, `${day(time)} ${clock(time)} ${zoneOf(time)}`);

  const localTimes = root => all('time[datetime]', root).forEach(element => {
    const time = new Date(element.dateTime);
    if (isNaN(time) || isUtc(time)) return; // UTC is the local time
    const text = withUtc(time, 'short' in element.dataset ? shortOf(time) : localOf(time));
    if (element.textContent !== text) element.textContent = text;
    element.title = utc(time);
  });

  // ---- The token: in this tab only, as a header, to this origin only

  const token = () => sessionStorage.getItem(TOKEN);
  const isHere = address => new URL(address, document.baseURI).origin === location.origin;
  const headers = address => token() && isHere(address) ? { Authorization: `Bearer ${token()}` } : {};
  const showToken = () => {
    all('#token-held').forEach(element => { element.hidden = !token(); });
    all('[data-token-field]').forEach(element => { element.hidden = !!token(); });
    if (token()) document.body.setAttribute('hx-boost:inherited', 'true'); // a link of its own would leave the header out
  };

  // Where reading needs a token, the page that asks for it stands here until it has been replaced by the one that was meant.
  const openWithToken = async () => {
    const form = document.getElementById('token-form');
    if (!form || !token()) return;
    const address = location.pathname + location.search;
    const answer = await fetch(address, { headers: headers(address) });
    if (answer.status === 401) {
      sessionStorage.removeItem(TOKEN);
      showToken();
      say(form, 'This token is not accepted.', false);
      return;
    }
    htmx.ajax('GET', address, { target: 'body', swap: 'innerHTML' });
  };

  // ---- Forms

  const say = (form, text, isDone) => {
    const result = form.querySelector('[data-result]');
    result.textContent = text;
    result.className = `result ${isDone === undefined ? '' : isDone ? 'done' : 'failed'}`;
  };

  const problemOf = async answer => {
    let problem = {};
    try { problem = await answer.json(); } catch { /* no problem details */ }
    const words = [problem.title, problem.detail].filter(Boolean);
    for (const errors of Object.values(problem.errors ?? {})) words.push(...[errors].flat());
    if (words.length) return words.map(word => /[.!?]$/.test(word) ? word : `${word}.`).join(' ');
    return answer.status === 503 ? 'The monitor is busy: try again in a few seconds.' : `The monitor answered ${answer.status}.`;
  };

  const bodyOf = (form, submitter) => {
    const values = new FormData(form, submitter);
    const body = {};
    for (const [name, value] of values) {
      if (name === 'token') continue;
      else if (name === 'for_ms') body.until_ms = Date.now() + Number(value);
      else if (name.endsWith('_ms')) body[name] = new Date(value).getTime();
      else body[name] = name === 'trial' ? value === 'true' : value;
    }
    return body;
  };

  const send = async (form, submitter) => {
    const typed = form.querySelector('[name=token]');
    const [before, address] = [token(), form.dataset.api];
    if (typed?.value) sessionStorage.setItem(TOKEN, typed.value);
    all('[data-remembered]', form).forEach(input => localStorage.setItem(WHO, input.value));
    const method = submitter?.name === 'withdraw' ? submitter.value : form.dataset.method;
    const hasBody = method !== 'DELETE';
    const body = hasBody ? JSON.stringify(bodyOf(form, submitter)) : undefined; // before its button is disabled, which would leave it out
    const buttons = all('button', form);
    buttons.forEach(button => { button.disabled = true; });
    say(form, 'Sending …');
    try {
      const answer = await fetch(address, {
        method,
        headers: { ...headers(address), Accept: 'application/json', ...(hasBody ? { 'Content-Type': 'application/json' } : {}) },
        body,
      });
      if (answer.ok) {
        say(form, method === form.dataset.method ? form.dataset.done : 'Taken back.', true);
        if (typed) typed.value = '';
        form.closest('dialog')?.close();
        refresh();
      } else {
        if (answer.status === 401) sessionStorage.removeItem(TOKEN);
        if (answer.status === 403 && typed?.value) restore(before);
        say(form, await problemOf(answer), false);
      }
    } catch {
      say(form, 'The monitor does not answer. Nothing is known to have changed.', false);
    } finally {
      buttons.forEach(button => { button.disabled = false; });
      showToken();
    }
  };

  // A token that may not change is not kept instead of the one that may read.
  const restore = before => before === null ? sessionStorage.removeItem(TOKEN) : sessionStorage.setItem(TOKEN, before);

  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.dataset.api) {
      event.preventDefault();
      const question = event.submitter?.dataset.confirm;
      if (!question || confirm(question)) send(form, event.submitter);
    } else if ('token' in form.dataset) {
      event.preventDefault();
      sessionStorage.setItem(TOKEN, form.elements.token.value);
      showToken();
      openWithToken();
    }
  });

  document.addEventListener('click', event => {
    const button = event.target.closest('button');
    if (button?.dataset.opens) {
      const dialog = document.getElementById(button.dataset.opens);
      all('[data-remembered]', dialog).forEach(input => { input.value ||= localStorage.getItem(WHO) ?? ''; });
      all('[data-result]', dialog).forEach(result => { result.textContent = ''; });
      dialog.showModal();
    } else if (button && 'closes' in button.dataset) {
      button.closest('dialog').close();
    } else if (button && 'forget' in button.dataset) {
      sessionStorage.removeItem(TOKEN);
      location.reload();
    }
  });

  document.addEventListener('input', event => {
    all(`[data-utc-of="${CSS.escape(event.target.id)}"]`).forEach(output => {
      const time = new Date(event.target.value);
      output.textContent = isNaN(time) ? '' : utc(time);
    });
  });

  // ---- Refresh

  let asOf = new Date();
  const refresh = () => { if (document.querySelector('#main[hx-get]')) htmx.trigger('#main', 'refresh'); };
  const isMain = context => context?.sourceElement?.id === 'main';
  const stale = why => {
    const notice = document.getElementById('stale');
    notice.textContent = why ? `✕ Not current: ${why} What is shown is as of ${clock(asOf)} ${zoneOf(asOf)}.` : '';
    notice.hidden = !why;
  };

  document.addEventListener('htmx:config:request', event => {
    const request = event.detail.ctx.request;
    Object.assign(request.headers, headers(request.action || location.href));
    if (isMain(event.detail.ctx) && document.hidden) event.preventDefault();
  });
  document.addEventListener('htmx:before:response', event => {
    const context = event.detail.ctx;
    if (!isMain(context) || context.response.status === 200) return;
    event.preventDefault(); // what is shown stays
    if (context.response.status === 401) location.reload();
    else stale(context.response.status === 404 ? 'what this page is about is not there any more.' : `the monitor answers ${context.response.status}.`);
  });
  document.addEventListener('htmx:error', event => {
    if (event.detail.ctx) stale('the monitor does not answer.');
  });
  document.addEventListener('htmx:after:swap', event => {
    asOf = new Date();
    stale(null);
    enhance();
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });

  // ---- Charts

  const resolved = name => { // light-dark() as a canvas takes it
    const probe = document.getElementById('main');
    const before = probe.style.color;
    probe.style.color = `var(${name})`;
    const value = getComputedStyle(probe).color;
    probe.style.color = before;
    return value;
  };
  const nats = value => value === null || value === undefined ? '–' : Math.abs(value) < .001 ? value.toExponential(1) : value.toFixed(4);
  const LINES = [
    { key: 'kl_nats', label: 'divergence', color: '--live', width: 2.5 },
    { key: 'noise_floor_nats', label: 'noise floor', color: '--muted', width: 1, dash: [2, 4] },
    { key: 'warning_nats', label: 'warning at', color: '--warning', width: 1.5, dash: [4, 4] },
    { key: 'critical_nats', label: 'critical at', color: '--critical', width: 1.5, dash: [12, 4] },
    { key: 'cusum_nats', label: 'CUSUM', color: '--cusum', width: 1.5, dash: [12, 3, 2, 3] },
    { key: 'cusum_threshold_nats', label: 'CUSUM alarms at', color: '--cusum', width: 1, dash: [2, 6] },
  ];
  const charts = new Map();

  const whyEmpty = history => history.is_left_out
    ? 'Nothing is kept of this series: there is no room for more series in the memory of this replica.'
    : history.lacks_reference
      ? 'There is no reference to compare this window with, so there is nothing to draw. The first point comes with the first slide after a reference is in use.'
      : 'No history yet: this replica has just started, or has taken the model over. The first point comes with the next slide of the window.';

  // A CUSUM falls to nothing again and again: what is far below the noise floor need not be seen.
  const floorOf = (points, low) => {
    const values = points.flatMap(point => [point.kl_nats, point.noise_floor_nats, point.warning_nats, point.critical_nats]).filter(value => value > 0);
    return values.length ? Math.min(...values) / 2 : low;
  };
  const timeOf = (seconds, index, all) => { // the day where it begins
    const time = new Date(seconds * 1000);
    const isNewDay = index > 0 && day(time) !== day(new Date(all[index - 1] * 1000));
    return `${two(time.getHours())}:${two(time.getMinutes())}${isNewDay ? `\n${day(time)}` : ''}`;
  };
  const decades = (_, ticks) => ticks.map(tick => Math.abs(Math.log10(tick) % 1) < 1e-6 ? tick : null);

  const draw = (figure, history) => {
    const [plot, note] = [figure.querySelector('[data-plot]'), figure.querySelector('[data-note]')];
    const points = history.points ?? [];
    const used = LINES.filter(line => points.some(point => point[line.key] > 0));
    note.hidden = points.length > 0 && used.length > 0;
    note.textContent = points.length > 0 ? 'Every value so far is zero, or there is no reference: nothing stands on a logarithmic scale.' : whyEmpty(history);
    if (points.length && history.since_ms) {
      note.hidden = false;
      note.textContent = `Since ${localOf(new Date(history.since_ms))}, when this replica began to evaluate it: what was before is not kept.`;
    }
    figure.querySelector('[data-table]').replaceChildren(...tableRows(points));
    let chart = charts.get(figure);
    const data = [points.map(point => point.to_ms / 1000), ...used.map(line => points.map(point => point[line.key] > 0 ? point[line.key] : null))];
    const names = used.map(line => line.key).join();
    if (chart && chart.names === names) {
      chart.plot.setData(data);
      return;
    }
    chart?.plot.destroy();
    charts.delete(figure);
    if (!points.length || !used.length) return;
    const [ink, line] = [resolved('--muted'), resolved('--line')];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '13px system-ui, sans-serif' };
    const made = new uPlot({
      width: plot.clientWidth,
      height: innerWidth < 700 ? 240 : 320,
      scales: {
        // a single point alone would span years
        x: { range: ({ data: [times] }, first, last) => times.length === 1 ? [times[0] - 10 * history.stretch_ms / 1000, times[0]] : [first, last] },
        y: { distr: 3, log: 10, range: (_, low, high) => [floorOf(points, low), high * 1.5] },
      },
      axes: [
        { ...axis, label: zoneOf(new Date(points.at(-1).to_ms)), labelSize: 20, labelFont: '13px system-ui, sans-serif', values: (_, ticks) => ticks.map(timeOf) },
        { ...axis, filter: decades, grid: { ...axis.grid, filter: decades }, ticks: { ...axis.ticks, filter: decades }, size: 64, label: 'nats', labelFont: '13px system-ui, sans-serif', values: (_, ticks) => ticks.map(tick => tick === null ? '' : String(Number(tick.toPrecision(1)))) },
      ],
      series: [
        { value: (_, seconds) => seconds === null ? '–' : bothOf(new Date(seconds * 1000)), label: 'Time' },
        ...used.map(each => ({
          label: each.label, stroke: resolved(each.color), width: each.width, dash: each.dash, points: { show: points.length < 3 }, spanGaps: false,
          value: (_, value) => nats(value),
        })),
      ],
    }, data, plot);
    charts.set(figure, { plot: made, names });
  };

  const tableRows = points => {
    const row = (cells, tag) => {
      const line = document.createElement('tr');
      cells.forEach((cell, index) => {
        const element = document.createElement(index === 0 || tag === 'th' ? 'th' : 'td');
        if (index > 0) element.className = 'number';
        element.scope = tag === 'th' ? 'col' : index === 0 ? 'row' : null;
        element.textContent = cell;
        line.append(element);
      });
      return line;
    };
    const [head, body] = [document.createElement('thead'), document.createElement('tbody')];
    head.append(row(['Window until', ...LINES.map(line => `${line.label}, nats`)], 'th'));
    body.append(...[...points].reverse().map(point =>
      row([bothOf(new Date(point.to_ms)) + (point.ready ? '' : ' (not ready)'), ...LINES.map(line => nats(point[line.key]))], 'td')));
    return [head, body];
  };

  const load = async figure => {
    const address = figure.dataset.history;
    try {
      const answer = await fetch(address, { headers: { ...headers(address), Accept: 'application/json' } });
      if (answer.ok) draw(figure, await answer.json());
      else if (!charts.has(figure)) figure.querySelector('[data-note]').textContent = `There is no chart: ${await problemOf(answer)}`;
    } catch {
      if (!charts.has(figure)) figure.querySelector('[data-note]').textContent = 'There is no chart: the monitor does not answer.';
    }
  };
  const loadCharts = () => {
    for (const [figure, chart] of charts) if (!figure.isConnected) { chart.plot.destroy(); charts.delete(figure); }
    if (!document.hidden) all('[data-history]').forEach(load);
  };
  const redraw = () => {
    charts.forEach(chart => chart.plot.destroy());
    charts.clear();
    loadCharts();
  };
  setInterval(loadCharts, 15000);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return; // a phone's address bar comes and goes
    width = innerWidth;
    charts.forEach((chart, figure) => chart.plot.setSize({ width: figure.querySelector('[data-plot]').clientWidth, height: chart.plot.height }));
  });

  // ---- All that a page that has just come needs

  const enhance = () => {
    localTimes(document);
    showToken();
    all('#as-of').forEach(element => { element.textContent = `${clock(asOf)} ${zoneOf(asOf)}`; });
    all('[data-history]').forEach(figure => { if (!charts.has(figure) && !figure.dataset.local) { figure.dataset.local = 'drawn'; load(figure); } });
    openWithToken();
  };
  showToken(); // before htmx looks at the links
  document.addEventListener('DOMContentLoaded', enhance);
})();
