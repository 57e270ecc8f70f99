import { ApiError } from './api-error.ts'

export type Histogram = { count: number; sum: number; buckets: { le: number; count: number }[] }

/** Prometheus' text format: samples of a name by their labels. Only what a page shows is read. */
export class Metrics {
  readonly #samples = new Map<string, { labels: Record<string, string>; value: number }[]>()

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const parts = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? ([-+\w.]+)$/.exec(line)
      if (parts === null) continue
      const [, name, labels, value] = parts
      const sample = {
        labels: labelsOf(labels ?? ''),
        value: Number(value === '+Inf' ? Number.POSITIVE_INFINITY : value),
      }
      this.#samples.set(name!, [...(this.#samples.get(name!) ?? []), sample])
    }
  }

  /** Sum over all labels; null when the node does not measure it. */
  value(name: string): number | null {
    const samples = this.#samples.get(name)
    return samples === undefined ? null : samples.reduce((sum, { value }) => sum + value, 0)
  }

  byLabel(name: string, label: string): { name: string; value: number }[] {
    return (this.#samples.get(name) ?? []).map(({ labels, value }) => ({ name: labels[label] ?? '', value }))
  }

  histogram(name: string): Histogram {
    const buckets = (this.#samples.get(`${name}_bucket`) ?? [])
      .map(({ labels, value }) => ({
        le: labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
        count: value,
      }))
      .sort((a, b) => a.le - b.le)
    return { count: this.value(`${name}_count`) ?? 0, sum: this.value(`${name}_sum`) ?? 0, buckets }
  }
}

/**
 * Upper end of the bucket in which a part of all samples has been reached; null where there are none.
 * @param part 0 to 1
 */
export function quantile({ count, buckets }: Histogram, part: number): number | null {
  if (count === 0) return null
  return buckets.find((bucket) => bucket.count >= part * count)?.le ?? null
}

/** @throws ApiError when the service does not answer */
export async function readMetrics(path: string, signal?: AbortSignal): Promise<Metrics> {
  const response = await fetch(path, signal === undefined ? {} : { signal })
  if (response.ok) return new Metrics(await response.text())
  throw new ApiError('metrics.unavailable', 'The node does not say its metrics.', 'Check that the node runs.', true)
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name!, value!]))
}
