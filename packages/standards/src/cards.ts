/**
 * Cards as the Hugging Face hub reads them: YAML that machines filter by, then words. Names and titles are of strangers: in the
 * words they stand as plain text.
 */
import { stringify } from 'yaml'
import type { AgentFacts, DatanetFacts, ModelFacts, Places, Terms } from './facts.ts'
import { licenceIds } from './licence-urls.ts'
import { contentUrl, datanetFile, datanetUrl, modelUrl } from './places.ts'

/** @param contributors each once, those with most records first */
export function datasetCard(
  places: Places,
  datanet: DatanetFacts,
  records: number,
  contributors: readonly (AgentFacts & { records: number })[],
): string {
  const head = {
    ...licenceHead(datanet),
    pretty_name: datanet.name,
    size_categories: [sizeCategory(records)],
    tags: ['openledger', 'croissant', datanet.modality.toLowerCase()],
    configs: [{ config_name: 'default', data_files: datanetFile(places, datanet.id, 'records.jsonl') }],
  }
  return card(head, [
    `# ${plain(datanet.name)}`,
    `A Datanet of ${records.toLocaleString('en')} ${datanet.modality.toLowerCase()} records, version ${datanet.version}, as of block ${places.block} of chain ${places.chainId}: ${datanetUrl(places, datanet.id)}`,
    ...termsOf(datanet),
    '## Contributors',
    table(
      ['contributor', 'account', 'records'],
      contributors.map(({ name, account, records: count }) => [plain(name), `\`${account}\``, String(count)]),
    ),
    '## Files',
    [
      `- Records, one a line, each with its content’s address: ${datanetFile(places, datanet.id, 'records.jsonl')}`,
      `- All contents and manifests as a CAR: ${datanetFile(places, datanet.id, 'datanet.car')}`,
      `- Croissant 1.1: ${datanetFile(places, datanet.id, 'croissant.json')}`,
    ].join('\n'),
  ])
}

export function modelCard(places: Places, model: ModelFacts): string {
  const isAdapter = model.base !== null
  const head = {
    ...licenceHead(model),
    ...(model.base === null ? {} : { base_model: modelUrl(places, model.base.id), library_name: 'peft' }),
    datasets: model.datanets.map(({ datanet }) => datanetUrl(places, datanet.id)),
    tags: ['openledger', model.kind.toLowerCase()],
  }
  return card(head, [
    `# ${plain(model.name)}`,
    `${isAdapter ? `An adapter on ${plain(model.base!.name)}` : 'A base model'}: ${modelUrl(places, model.id)}, as of block ${places.block} of chain ${places.chainId}. Its files are listed at ${contentUrl(places, model.artefactCid)}.`,
    ...termsOf(model),
    '## Training data',
    model.datanets.length === 0
      ? 'No Datanet is stated.'
      : table(
          ['Datanet', 'as of', 'address'],
          model.datanets.map(({ version, datanet }) => [
            plain(datanet.name),
            String(version),
            datanetUrl(places, datanet.id),
          ]),
        ),
    '## Evaluations',
    model.evaluations.length === 0
      ? 'None on chain.'
      : table(
          ['metric', 'value', 'evaluator', 'report'],
          model.evaluations.map(({ metric, valueE6, evaluator, reportCid, isFlagged }) => [
            plain(metric) + (isFlagged ? ' (found wrong)' : ''),
            decimal(valueE6),
            `\`${evaluator}\``,
            contentUrl(places, reportCid),
          ]),
        ),
  ])
}

function card(head: object, parts: readonly string[]): string {
  return `---\n${stringify(head)}---\n\n${parts.join('\n\n')}\n`
}

/** The hub knows single licences, in lower case; what it does not know is `other`, with a name. */
function licenceHead({ licence }: Terms): object {
  const ids = licenceIds(licence)
  const isSimple = ids.length === 1 && ids[0] === licence
  return isSimple ? { license: licence.toLowerCase() } : { license: 'other', license_name: licence }
}

function termsOf({ licence, licenceFlags, royaltyPpm }: Terms): string[] {
  const allowed = (flags: number) => [
    `- ${(flags & 1) !== 0 ? 'Models may be derived.' : 'No models may be derived.'}`,
    `- ${(flags & 2) !== 0 ? 'Commercial use is allowed.' : 'Commercial use is not allowed.'}`,
    ...((flags & 4) !== 0 ? ['- What is derived carries the same terms.'] : []),
  ]
  const lines = [
    `- Licence: ${plain(licence)}`,
    ...(licenceFlags === null ? [] : allowed(licenceFlags)),
    `- Of derived models’ income, ${royaltyPpm / 10_000} % is asked for.`,
  ]
  return ['## Terms', lines.join('\n')]
}

function sizeCategory(records: number): string {
  const steps = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M', '10M<n<100M', '100M<n<1B']
  return steps[Math.max(0, Math.floor(Math.log10(Math.max(1, records))) - 2)] ?? '1B<n<10B'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Millionths as a decimal, with every digit. */
function decimal(valueE6: string): string {
  const value = BigInt(valueE6)
  const digits = String(value < 0n ? -value : value).padStart(7, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
}

/** Text of a stranger on one line, without a character that markdown or HTML would take for its own. */
function plain(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').replace(/[\\`*_{}[\]()#+!|<>~&:]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
