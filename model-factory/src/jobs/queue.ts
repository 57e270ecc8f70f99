import type { Log } from '@openledger/protocol/service'
import { PgBoss } from 'pg-boss'

const NAME = 'training'
/** A worker that says nothing for so long is taken for dead, and its run goes to another. The least that pg-boss takes. */
const HEARTBEAT_SECONDS = 10
/** The most that pg-boss takes; a run's own limit is shorter. */
const EXPIRE_SECONDS = 24 * 3_600 - 60
/** How often a run may be taken up: its worker may have died as often. */
const RETRIES = 50

/** Which run is next, for any number of workers: pg-boss in the schema `pgboss` of the factory's database. */
export class RunQueue {
  readonly #boss: PgBoss

  private constructor(boss: PgBoss) {
    this.#boss = boss
  }

  static async open(databaseUrl: string, log: Log): Promise<RunQueue> {
    const boss = new PgBoss({
      connectionString: databaseUrl,
      max: 4,
      superviseIntervalSeconds: HEARTBEAT_SECONDS,
      maintenanceIntervalSeconds: 60,
      schedule: false,
    })
    boss.on('error', (error) => log.warn('the queue', { reason: String(error).slice(0, 300) }))
    await boss.start()
    await boss.createQueue(NAME, {
      retryLimit: RETRIES,
      retryDelay: 1,
      expireInSeconds: EXPIRE_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
    })
    return new RunQueue(boss)
  }

  /** @returns its id in the queue */
  async add(run: string): Promise<string> {
    const id = await this.#boss.send(NAME, { run })
    if (id === null) throw new Error('the queue took no job')
    return id
  }

  /** Takes runs one after the other, so many at a time; one whose `work` throws is tried again. */
  async work(concurrency: number, work: (run: string) => Promise<void>): Promise<void> {
    const options = { batchSize: 1, pollingIntervalSeconds: 0.5, localConcurrency: concurrency }
    await this.#boss.work<{ run: string }>(NAME, options, async ([job]) => work(job!.data.run))
  }

  /** What a worker held when it was killed waits again at once, instead of until its heartbeat is missed. */
  async release(queueId: string): Promise<void> {
    await this.#boss.fail(NAME, queueId)
  }

  /** @param waitMs how long running work may take to end by itself */
  async close(waitMs: number): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: waitMs, close: true })
  }
}
