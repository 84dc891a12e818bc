// Lays a dashboard's panels out on Grafana's grid, and draws each.
'use strict';

const PANELS = { stat, bargauge, timeseries, barchart, table, text, 'state-timeline': stateTimeline };
const ROW = 30, GAP = 8; // of Grafana's grid, px

/** Rows that are collapsed are drawn as if they were not: their panels come right below them. */
function expanded(panels) {
  return panels.flatMap(panel => [panel, ...(panel.panels ?? [])]);
}

function place(drawn, { x, y, w, h }) {
  drawn.style.left = `calc(${x} * (100% + ${GAP}px) / 24)`;
  drawn.style.width = `calc(${w} * (100% + ${GAP}px) / 24 - ${GAP}px)`;
  drawn.style.top = `${y * (ROW + GAP)}px`;
  drawn.style.height = `${h * (ROW + GAP) - GAP}px`;
}

function draw({ dashboard, answers, regions, times }) {
  const canvas = document.querySelector('main');
  const panels = expanded(dashboard.panels);
  const colored = regions.map(region => ({ ...region, color: color(region.color) }));
  canvas.style.height = `${Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * (ROW + GAP)}px`;
  for (const panel of panels) {
    const drawn = element('section', panel.type === 'row' ? 'row' : 'panel');
    drawn.append(element('h2', '', panel.title));
    place(drawn, panel.gridPos);
    canvas.append(drawn);
    if (panel.type === 'row') {
      continue;
    }
    if (!PANELS[panel.type]) {
      throw new Error(`panels ${panel.type} are not drawn`);
    }
    const body = element('div', 'body');
    drawn.append(body);
    const resolved = { times, regions: colored };
    PANELS[panel.type](panel, answers[panel.id] ?? [], resolved, body);
  }
}

draw(JSON.parse(document.getElementById('data').textContent));
document.body.dataset.drawn = 'true';
