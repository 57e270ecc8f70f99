// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IAgentKeys} from "./IAgentKeys.sol";
import {IModelOwners} from "./IModelOwners.sol";
import {IQualityReports} from "./IQualityReports.sol";
import {IStaking} from "./IStaking.sol";
import {Signatures} from "./Signatures.sol";

/// @title Where audits of agents and models are recorded
/// @notice See IQualityReports, which says what each function does, trusts and refuses.
contract QualityReports is IQualityReports, EIP712Upgradeable, Guarded {
    /// @notice Seconds of a period.
    uint256 public constant PERIOD = 1 days;
    /// @notice Periods after which it is too late to report on one.
    uint256 public constant MAX_AGE_PERIODS = 30;
    /// @notice A score moves by one part in so many to each report.
    uint256 public constant SMOOTHING = 8;
    uint256 public constant MIN_STAKE_WEI = 1e18;
    uint256 public constant MAX_STAKE_WEI = 10_000_000e18;

    uint32 internal constant ONE_PPM = 1_000_000;
    /// @dev Agents are numbered from 1; ids of models are hashes.
    uint256 internal constant LAST_AGENT = type(uint64).max;
    // solhint-disable max-line-length
    bytes32 internal constant REPORT_TYPEHASH = keccak256(
        "PerformanceReport(bytes32 poolId,uint256 auditorId,uint64 period,uint32 sampleCount,uint32 matched,uint32 latencyP50Ms,uint32 latencyP95Ms,uint32 uptimePpm,bytes32 reportDigest)"
    );
    // solhint-enable max-line-length

    /// @notice Asked who operates agents.
    IAgentKeys public agents;
    /// @notice Asked who owns models.
    IModelOwners public models;
    /// @notice Keeps the auditors' stake.
    IStaking public staking;
    /// @notice Active stake that an auditor needs which is not listed.
    uint256 public minStakeWei;
    /// @inheritdoc IQualityReports
    mapping(uint256 auditorId => bool) public isListed;
    /// @inheritdoc IQualityReports
    mapping(bytes32 poolId => mapping(uint256 auditorId => mapping(uint64 period => bytes32))) public reportOf;
    mapping(bytes32 poolId => Score) internal _scores;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IQualityReports
    function initialize(
        address governance,
        address guardian_,
        IAgentKeys agents_,
        IModelOwners models_,
        IStaking staking_,
        uint256 minStakeWei_
    ) external initializer {
        require(
            address(agents_) != address(0) && address(models_) != address(0) && address(staking_) != address(0),
            QualityZeroAddress()
        );
        __EIP712_init("OpenLedger Quality", "1");
        __Guarded_init(governance, guardian_);
        (agents, models, staking) = (agents_, models_, staking_);
        _setMinStake(minStakeWei_);
    }

    /// @inheritdoc IQualityReports
    function record(PerformanceReport calldata report, bytes calldata signature) external whenOpen {
        _checkNumbers(report);
        (bytes32 poolId, uint256 auditorId, uint64 period) = (report.poolId, report.auditorId, report.period);
        uint256 today = block.timestamp / PERIOD;
        require(
            period < today && period + MAX_AGE_PERIODS >= today,
            QualityPeriodOutOfRange(period, today - MAX_AGE_PERIODS, today - 1)
        );
        address operator = agents.operatorOf(auditorId);
        _checkSubject(poolId, auditorId, operator);
        if (!isListed[auditorId]) {
            uint256 activeWei = staking.activeWei(bytes32(auditorId));
            require(activeWei >= minStakeWei, QualityNotAuditor(auditorId, activeWei, minStakeWei));
        }
        require(reportOf[poolId][auditorId][period] == 0, QualityReported(poolId, auditorId, period));
        require(Signatures.isBy(operator, hashReport(report), signature), QualityBadSignature(auditorId, operator));
        reportOf[poolId][auditorId][period] = report.reportDigest;
        uint32 quality = _score(report);
        emit ReportRecorded(
            poolId,
            auditorId,
            period,
            report.sampleCount,
            report.matched,
            report.latencyP50Ms,
            report.latencyP95Ms,
            report.uptimePpm,
            report.reportDigest,
            quality
        );
    }

    /// @inheritdoc IQualityReports
    function setAuditor(uint256 auditorId, bool listed) external onlyOwner {
        isListed[auditorId] = listed;
        emit AuditorSet(auditorId, listed);
    }

    /// @inheritdoc IQualityReports
    function setMinStake(uint256 minStakeWei_) external onlyOwner {
        _setMinStake(minStakeWei_);
    }

    /// @inheritdoc IQualityReports
    function qualityPpm(bytes32 poolId) external view returns (uint32 ppm) {
        return _scores[poolId].qualityPpm;
    }

    /// @inheritdoc IQualityReports
    function scoreOf(bytes32 poolId) external view returns (Score memory score) {
        return _scores[poolId];
    }

    /// @inheritdoc IQualityReports
    function hashReport(PerformanceReport calldata report) public view returns (bytes32 digest) {
        return _hashTypedDataV4(keccak256(abi.encode(REPORT_TYPEHASH, report)));
    }

    function _setMinStake(uint256 minStakeWei_) internal {
        require(
            minStakeWei_ >= MIN_STAKE_WEI && minStakeWei_ <= MAX_STAKE_WEI,
            QualityStakeOutOfRange(minStakeWei_, MIN_STAKE_WEI, MAX_STAKE_WEI)
        );
        minStakeWei = minStakeWei_;
        emit MinStakeSet(minStakeWei_);
    }

    /// @dev The first report is the score; each later one moves it by its part, rounded down.
    function _score(PerformanceReport calldata report) internal returns (uint32 quality) {
        Score memory score = _scores[report.poolId];
        uint256 matchedPpm = (uint256(report.matched) * ONE_PPM) / report.sampleCount;
        bool first = score.reports == 0;
        quality = first ? uint32(matchedPpm) : _smoothed(score.qualityPpm, matchedPpm);
        score.qualityPpm = quality;
        score.uptimePpm = first ? report.uptimePpm : _smoothed(score.uptimePpm, report.uptimePpm);
        score.reports += 1;
        if (report.period > score.lastPeriod) score.lastPeriod = report.period;
        _scores[report.poolId] = score;
    }

    /// @dev An agent or model that exists, and that is not the auditor's own.
    function _checkSubject(bytes32 poolId, uint256 auditorId, address operator) internal view {
        bool isAgent = uint256(poolId) <= LAST_AGENT;
        address accountable = isAgent ? agents.operatorOf(uint256(poolId)) : models.ownerOf(poolId);
        require(accountable != address(0), QualityUnknownPool(poolId));
        require(accountable != operator, QualityOwnPool(poolId, auditorId));
    }

    function _checkNumbers(PerformanceReport calldata report) internal pure {
        require(report.reportDigest != 0, QualityZeroDigest());
        require(
            report.sampleCount != 0 &&
                report.matched <= report.sampleCount &&
                report.latencyP50Ms <= report.latencyP95Ms &&
                report.uptimePpm <= ONE_PPM,
            QualityBadNumbers()
        );
    }

    /// @dev Both are at most a million, so the mean is.
    function _smoothed(uint256 scorePpm, uint256 reportedPpm) internal pure returns (uint32 ppm) {
        return uint32((scorePpm * (SMOOTHING - 1) + reportedPpm) / SMOOTHING);
    }
}
