import { BigInt, Bytes } from '@graphprotocol/graph-ts'
import { AuditorSet, MinStakeSet, ReportRecorded } from '../generated/QualityReports/QualityReports'
import { Agent, QualityReport, QualityScore } from '../generated/schema'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { saveSetting } from './setting'
import { isAgentWord, wordOf } from './word'

export function handleReportRecorded(event: ReportRecorded): void {
  const score = createOrLoadScore(event.params.poolId)
  score.qualityPpm = event.params.qualityPpm.toI32()
  score.reportCount += 1
  if (event.params.period.gt(score.lastPeriod)) score.lastPeriod = event.params.period
  score.save()
  const report = new QualityReport(idOf(event))
  report.score = score.id
  report.auditor = wordOf(event.params.auditorId)
  report.period = event.params.period
  report.sampleCount = event.params.sampleCount
  report.matched = event.params.matched
  report.latencyP50Ms = event.params.latencyP50Ms
  report.latencyP95Ms = event.params.latencyP95Ms
  report.uptimePpm = event.params.uptimePpm.toI32()
  report.qualityPpm = event.params.qualityPpm.toI32()
  report.digest = event.params.reportDigest
  report.blockNumber = event.block.number
  report.timestamp = event.block.timestamp
  report.transactionHash = event.transaction.hash
  report.save()
}

export function handleAuditorSet(event: AuditorSet): void {
  const agent = Agent.load(wordOf(event.params.auditorId))
  if (agent !== null) {
    agent.isListedAuditor = event.params.listed
    agent.save()
  }
  savePermission(event, 'auditor', wordOf(event.params.auditorId), event.params.listed)
}

export function handleAuditorMinStakeSet(event: MinStakeSet): void {
  saveSetting(event, 'minStakeWei', event.params.minStakeWei)
}

function createOrLoadScore(id: Bytes): QualityScore {
  let score = QualityScore.load(id)
  if (score === null) {
    score = new QualityScore(id)
    if (isAgentWord(id)) score.agent = id
    else score.model = id
    score.qualityPpm = 0
    score.reportCount = 0
    score.lastPeriod = BigInt.zero()
  }
  return score
}
