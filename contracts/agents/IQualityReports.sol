// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "./IAgentKeys.sol";
import {IModelOwners} from "./IModelOwners.sol";
import {IStaking} from "./IStaking.sol";

/// @title Where audits of agents and models are recorded
/// @notice An auditor is an agent with enough stake, or one that governance listed. Once in a period it may report on a pool: how
/// many answers it computed again and how many matched, how fast and how often the subject answered. Reports are signed, so
/// anybody may bring them. A subject's score moves an eighth of the way to each report.
/// @dev Each report counts alike, whatever number of samples it claims. An auditor does not report on pools of its own operator;
/// an operator with several accounts can, so a reader with much at stake should ask who reported. Trusts the registries, and
/// staking for the auditors' stake.
interface IQualityReports {
    /// @notice What an auditor signs (EIP-712; domain name "OpenLedger Quality", version "1").
    /// @param poolId the agent's number or the model's id
    /// @param auditorId the auditor's number as an agent
    /// @param period day of the report, in days since 1970
    /// @param sampleCount answers computed again
    /// @param matched of them, those that came out the same
    /// @param latencyP50Ms median time to the first token, milliseconds
    /// @param latencyP95Ms the time that 95 in 100 stayed below, milliseconds
    /// @param uptimePpm part of the probes that were answered
    /// @param reportDigest digest of the report itself
    struct PerformanceReport {
        bytes32 poolId;
        uint256 auditorId;
        uint64 period;
        uint32 sampleCount;
        uint32 matched;
        uint32 latencyP50Ms;
        uint32 latencyP95Ms;
        uint32 uptimePpm;
        bytes32 reportDigest;
    }

    /// @notice What a pool's reports come to.
    /// @param reports counted so far
    /// @param lastPeriod newest period reported on
    struct Score {
        uint32 qualityPpm;
        uint32 uptimePpm;
        uint64 reports;
        uint64 lastPeriod;
    }

    /// @notice A report was recorded; the score is the subject's from now on.
    event ReportRecorded(
        bytes32 indexed poolId,
        uint256 indexed auditorId,
        uint64 indexed period,
        uint32 sampleCount,
        uint32 matched,
        uint32 latencyP50Ms,
        uint32 latencyP95Ms,
        uint32 uptimePpm,
        bytes32 reportDigest,
        uint32 qualityPpm
    );
    /// @notice An agent may, or may no longer, report whatever its stake.
    event AuditorSet(uint256 indexed auditorId, bool listed);
    /// @notice Active stake that an auditor needs which is not listed.
    event MinStakeSet(uint256 minStakeWei);

    /// @notice An address that must be given is zero.
    error QualityZeroAddress();
    /// @notice A digest that must be given is zero.
    error QualityZeroDigest();
    /// @notice There is no such agent or model.
    error QualityUnknownPool(bytes32 poolId);
    /// @notice The numbers cannot be: no sample, more matches than samples, quantiles out of order, more than all the time.
    error QualityBadNumbers();
    /// @notice The period has not ended, or is too long ago.
    error QualityPeriodOutOfRange(uint64 period, uint256 first, uint256 last);
    /// @notice The auditor's operator operates or owns the subject.
    error QualityOwnPool(bytes32 poolId, uint256 auditorId);
    /// @notice The auditor is not listed and has too little stake.
    error QualityNotAuditor(uint256 auditorId, uint256 activeWei, uint256 minStakeWei);
    /// @notice The signature is not the auditor's.
    error QualityBadSignature(uint256 auditorId, address operator);
    /// @notice The auditor reported on this pool for this period.
    error QualityReported(bytes32 poolId, uint256 auditorId, uint64 period);
    /// @notice A stake out of its bounds.
    error QualityStakeOutOfRange(uint256 minStakeWei, uint256 least, uint256 most);

    /// @notice Sets it up, once.
    /// @param governance owns it
    /// @param guardian_ may stop new reports
    /// @param agents_ says who operates agents
    /// @param models_ says who owns models
    /// @param staking_ keeps the auditors' stake
    /// @param minStakeWei_ active stake that an auditor needs which is not listed
    function initialize(
        address governance,
        address guardian_,
        IAgentKeys agents_,
        IModelOwners models_,
        IStaking staking_,
        uint256 minStakeWei_
    ) external;

    /// @notice Records a report. Anybody, with the signature of the auditor's operator (or ERC-1271). Not while paused.
    function record(PerformanceReport calldata report, bytes calldata signature) external;

    /// @notice Lists an agent as auditor, or takes it off. Governance only.
    function setAuditor(uint256 auditorId, bool listed) external;

    /// @notice Sets the stake that others need. Governance only.
    function setMinStake(uint256 minStakeWei_) external;

    /// @notice Part of a pool's answers that matched, parts per million; 0 before the first report.
    function qualityPpm(bytes32 poolId) external view returns (uint32 ppm);

    /// @notice What a pool's reports come to.
    function scoreOf(bytes32 poolId) external view returns (Score memory score);

    /// @notice Digest of what an auditor reported; 0 if it did not.
    function reportOf(bytes32 poolId, uint256 auditorId, uint64 period) external view returns (bytes32 reportDigest);

    /// @notice Whether governance listed an auditor.
    function isListed(uint256 auditorId) external view returns (bool listed);

    /// @notice What an auditor signs.
    function hashReport(PerformanceReport calldata report) external view returns (bytes32 digest);
}
