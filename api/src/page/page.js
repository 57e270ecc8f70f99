// Fills the page from the api's own endpoints. Contributed text is only ever set as text, never as markup.
let hashes

const byId = (id) => document.getElementById(id)

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text }, properties)
}

function open(wei) {
  const padded = String(wei).padStart(19, '0')
  const fraction = padded.slice(-18, -12).replace(/0+$/, '')
  return `${padded.slice(0, -18)}${fraction && `.${fraction}`} OPEN`
}

/** Asks one of the api's persisted operations: the page names it, the api knows its text. */
async function ask(name) {
  hashes ??= await (await fetch('/operations.json')).json()
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: hashes[name] } } }),
  })
  const { data, errors } = await response.json()
  if (!data) throw new Error(errors?.[0]?.message ?? `status ${response.status}`)
  return data
}

function showCounts({ _meta, totals }) {
  const facts = {
    'indexed block': _meta.block,
    'blocks behind': _meta.lagBlocks ?? 'unknown',
    epoch: _meta.epoch,
    Datanets: totals.datanets,
    contributors: totals.contributors,
    records: totals.records,
    models: totals.models,
    answers: totals.answers,
    'claimed so far': open(totals.paidWei),
  }
  byId('counts').replaceChildren(
    ...Object.entries(facts).map(([name, value]) => {
      const box = document.createElement('div')
      box.append(element('dt', name), element('dd', String(value)))
      return box
    }),
  )
}

function showAnswers(nodes) {
  if (nodes.length === 0) return
  byId('answers').replaceChildren(
    ...nodes.map((answer) => {
      const row = document.createElement('tr')
      const top = answer.evidence?.influence[0]
      row.append(
        element('td', `${answer.receiptHash.slice(0, 10)}…`, { title: answer.receiptHash }),
        element('td', answer.model?.name ?? 'base'),
        element('td', `${answer.promptTokens} + ${answer.completionTokens}`),
        element('td', open(answer.priceWei)),
        element('td', top ? `${top.record?.title} by ${top.contributor.name}, ${top.sharePpm / 10_000} %` : 'none yet'),
      )
      return row
    }),
  )
}

async function showLinks() {
  const links = await (await fetch('/links.json')).json()
  const endpoints = [
    ['GraphQL', '/graphql', 'provenance, evidence, proofs'],
    ['Subgraph', '/subgraph', 'graph-node’s own query language (POST)'],
    ['Readiness', '/readyz', 'is the index near the chain?'],
    ['Metrics', '/metrics', 'Prometheus'],
    ['Inference', `${links.inference}/v1/models`, 'OpenAI-compatible'],
    ['Attribution engine', `${links.engine}/status`, 'evidence and epochs'],
    ['graph-node', links.subgraph, 'the index itself'],
    ['Chain', links.rpc, `JSON-RPC, chain ${links.chainId}`],
  ]
  byId('endpoints').replaceChildren(
    ...endpoints.map(([name, href, about]) => {
      const item = document.createElement('li')
      item.append(element('a', name, { href }), ` ${about} `, element('code', href))
      return item
    }),
  )
  byId('contracts').replaceChildren(
    ...Object.entries(links.contracts).flatMap(([name, address]) => [element('dt', name), element('dd', address)]),
  )
}

async function refresh() {
  try {
    const data = await ask('overview')
    showCounts(data)
    showAnswers(data.answers.nodes)
    byId('state').textContent = `The stack lives: indexed up to block ${data._meta.block}.`
  } catch (error) {
    byId('state').textContent = `The stack does not answer yet: ${error.message}`
  }
}

showLinks().catch((error) => {
  byId('state').textContent = `The stack does not answer yet: ${error.message}`
})
void refresh()
setInterval(refresh, 5_000)
