// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IQualityReports} from "../agents/IQualityReports.sol";
import {IStaking} from "../agents/IStaking.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Agents} from "./support/Agents.sol";
import {Wallet} from "./support/Payers.sol";
import {Signing} from "./support/Signing.sol";

contract QualityReportsTest is Agents, Signing {
    uint256 internal constant AUDITOR_KEY = 0xA0D;
    uint256 internal constant AUDITOR_ID = 9;
    uint256 internal constant MIN_STAKE_WEI = 5e18;
    uint64 internal constant TODAY = 100;

    IQualityReports internal quality;
    address internal auditor;

    function setUp() public override {
        super.setUp();
        vm.warp(TODAY * 1 days + 5 hours);
        auditor = vm.addr(AUDITOR_KEY);
        directory.setOperator(AUDITOR_ID, auditor);
        quality = created(address(directory), address(directory), address(agentStaking), MIN_STAKE_WEI);
        agentStaking.stake(bytes32(AUDITOR_ID), auditor, uint128(MIN_STAKE_WEI));
    }

    function created(
        address agents,
        address models,
        address staking_,
        uint256 minStakeWei
    ) internal returns (IQualityReports) {
        return
            IQualityReports(
                proxy(
                    "QualityReports",
                    abi.encodeCall(
                        IQualityReports.initialize,
                        (GOVERNOR, GUARDIAN, IAgentKeys(agents), IModelOwners(models), IStaking(staking_), minStakeWei)
                    )
                )
            );
    }

    function test_ReportsAreSignedUnderTheirOwnDomain() public view {
        (, string memory name, string memory version, uint256 chain, address place, , ) = IERC5267(address(quality))
            .eip712Domain();
        equal(keccak256(bytes(name)), keccak256("OpenLedger Quality"), "name");
        equal(keccak256(bytes(version)), keccak256("1"), "version");
        equal(chain, block.chainid, "chain");
        equal(place, address(quality), "contract");
    }

    function deployWith(address agents, address models, address staking_, uint256 minStakeWei) external {
        created(agents, models, staking_, minStakeWei);
    }

    function report() internal pure returns (IQualityReports.PerformanceReport memory) {
        return
            IQualityReports.PerformanceReport({
                poolId: AGENT,
                auditorId: AUDITOR_ID,
                period: TODAY - 1,
                sampleCount: 3,
                matched: 2,
                latencyP50Ms: 40,
                latencyP95Ms: 90,
                uptimePpm: 999_000,
                reportDigest: "report"
            });
    }

    function record(IQualityReports.PerformanceReport memory made) internal {
        bytes memory signature = signed(AUDITOR_KEY, quality.hashReport(made));
        vm.prank(STRANGER);
        quality.record(made, signature);
    }

    function refused(IQualityReports.PerformanceReport memory made, bytes memory reason) internal {
        refused(made, signed(AUDITOR_KEY, quality.hashReport(made)), reason);
    }

    function refused(
        IQualityReports.PerformanceReport memory made,
        bytes memory signature,
        bytes memory reason
    ) internal {
        vm.expectRevert(reason);
        quality.record(made, signature);
    }

    function badSignature(address operator_) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IQualityReports.QualityBadSignature.selector, AUDITOR_ID, operator_);
    }

    // Setting up

    function test_ReportsWithoutTheirPartsAreRefused() public {
        address part = address(directory);
        vm.expectRevert(IQualityReports.QualityZeroAddress.selector);
        this.deployWith(address(0), part, part, MIN_STAKE_WEI);
        vm.expectRevert(IQualityReports.QualityZeroAddress.selector);
        this.deployWith(part, address(0), part, MIN_STAKE_WEI);
        vm.expectRevert(IQualityReports.QualityZeroAddress.selector);
        this.deployWith(part, part, address(0), MIN_STAKE_WEI);
        vm.expectRevert(
            abi.encodeWithSelector(IQualityReports.QualityStakeOutOfRange.selector, 1e18 - 1, 1e18, 10_000_000e18)
        );
        this.deployWith(part, part, part, 1e18 - 1);
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        quality.initialize(GOVERNOR, GUARDIAN, directory, directory, agentStaking, MIN_STAKE_WEI);
        address code = deployed("QualityReports", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IQualityReports(code).initialize(GOVERNOR, GUARDIAN, directory, directory, agentStaking, MIN_STAKE_WEI);
        expectNotOwner(STRANGER);
        IUpgradeable(address(quality)).upgradeToAndCall(code, "");
        equal(IGuarded(address(quality)).guardian(), GUARDIAN, "guardian");
    }

    // Recording

    function test_AnybodyBringsAnAuditorsReport() public {
        vm.expectEmit(address(quality));
        emit IQualityReports.ReportRecorded(AGENT, AUDITOR_ID, TODAY - 1, 3, 2, 40, 90, 999_000, "report", 666_666);
        record(report());
        equal(quality.qualityPpm(AGENT), 666_666, "quality");
        equal(quality.reportOf(AGENT, AUDITOR_ID, TODAY - 1), "report", "digest");
        IQualityReports.Score memory score = quality.scoreOf(AGENT);
        equal(score.qualityPpm, 666_666, "quality");
        equal(score.uptimePpm, 999_000, "uptime");
        equal(score.reports, 1, "count");
        equal(score.lastPeriod, TODAY - 1, "period");
        equal(quality.qualityPpm(MODEL), 0, "another pool");
    }

    function test_AScoreMovesAnEighthOfTheWay() public {
        record(report());
        IQualityReports.PerformanceReport memory older = report();
        (older.period, older.matched, older.uptimePpm) = (TODAY - 2, 3, 0);
        record(older);
        equal(quality.qualityPpm(AGENT), 708_332, "up, rounded down");
        IQualityReports.Score memory score = quality.scoreOf(AGENT);
        equal(score.uptimePpm, 874_125, "down");
        equal(score.reports, 2, "count");
        equal(score.lastPeriod, TODAY - 1, "the newest stays");
    }

    function test_AModelIsReportedOnToo() public {
        IQualityReports.PerformanceReport memory made = report();
        (made.poolId, made.matched) = (MODEL, 3);
        record(made);
        equal(quality.qualityPpm(MODEL), 1_000_000, "quality");
    }

    function test_OneReportPerAuditorPoolAndPeriod() public {
        record(report());
        bytes memory reported = abi.encodeWithSelector(
            IQualityReports.QualityReported.selector,
            AGENT,
            AUDITOR_ID,
            TODAY - 1
        );
        refused(report(), reported);
        IQualityReports.PerformanceReport memory made = report();
        made.reportDigest = "other";
        refused(made, reported);
        made.poolId = MODEL;
        record(made);
        made.poolId = AGENT;
        made.period = TODAY - 2;
        record(made);
    }

    function test_NumbersThatCannotBeAreRefused() public {
        bytes memory reason = abi.encodeWithSelector(IQualityReports.QualityBadNumbers.selector);
        IQualityReports.PerformanceReport memory made = report();
        made.sampleCount = 0;
        made.matched = 0;
        refused(made, reason);
        made = report();
        made.matched = 4;
        refused(made, reason);
        made = report();
        made.latencyP50Ms = 91;
        refused(made, reason);
        made = report();
        made.uptimePpm = 1_000_001;
        refused(made, reason);
        made = report();
        made.reportDigest = 0;
        refused(made, abi.encodeWithSelector(IQualityReports.QualityZeroDigest.selector));
        made = report();
        (made.latencyP50Ms, made.uptimePpm) = (90, 1_000_000);
        record(made);
    }

    function test_APeriodThatRunsOrIsLongGoneIsRefused() public {
        uint64[2] memory periods = [TODAY, TODAY - 31];
        IQualityReports.PerformanceReport memory made = report();
        for (uint256 i; i < 2; ++i) {
            made.period = periods[i];
            refused(
                made,
                abi.encodeWithSelector(
                    IQualityReports.QualityPeriodOutOfRange.selector,
                    periods[i],
                    TODAY - 30,
                    TODAY - 1
                )
            );
        }
        made.period = TODAY - 30;
        record(made);
    }

    function test_WhatDoesNotExistOrIsTheAuditorsOwnIsNotReportedOn() public {
        IQualityReports.PerformanceReport memory made = report();
        made.poolId = "none";
        refused(made, abi.encodeWithSelector(IQualityReports.QualityUnknownPool.selector, bytes32("none")));
        made.poolId = bytes32(uint256(55));
        refused(made, abi.encodeWithSelector(IQualityReports.QualityUnknownPool.selector, made.poolId));
        made.poolId = bytes32(AUDITOR_ID);
        refused(made, abi.encodeWithSelector(IQualityReports.QualityOwnPool.selector, made.poolId, AUDITOR_ID));
        directory.setOwner(MODEL, auditor);
        made.poolId = MODEL;
        refused(made, abi.encodeWithSelector(IQualityReports.QualityOwnPool.selector, MODEL, AUDITOR_ID));
    }

    // Who may

    function test_AnAuditorHasStakeOrIsListed() public {
        vm.prank(auditor);
        agentStaking.thaw(bytes32(AUDITOR_ID), SHARES);
        refused(
            report(),
            abi.encodeWithSelector(
                IQualityReports.QualityNotAuditor.selector,
                AUDITOR_ID,
                MIN_STAKE_WEI - 1,
                MIN_STAKE_WEI
            )
        );
        vm.expectEmit(address(quality));
        emit IQualityReports.AuditorSet(AUDITOR_ID, true);
        vm.prank(GOVERNOR);
        quality.setAuditor(AUDITOR_ID, true);
        require(quality.isListed(AUDITOR_ID), "listed");
        record(report());
    }

    function test_AnotherSignatureIsRefused() public {
        bytes32 digest = quality.hashReport(report());
        refused(report(), signed(OPERATOR_KEY, digest), badSignature(auditor));
        refused(report(), mirrored(AUDITOR_KEY, digest), badSignature(auditor));
        refused(report(), "", badSignature(auditor));
        IQualityReports.PerformanceReport memory changed = report();
        changed.matched = 3;
        refused(changed, signed(AUDITOR_KEY, digest), badSignature(auditor));
        vm.prank(GOVERNOR);
        quality.setAuditor(77, true);
        changed.auditorId = 77;
        refused(changed, "", abi.encodeWithSelector(IQualityReports.QualityBadSignature.selector, 77, address(0)));
    }

    function test_AReportIsGoodOnOneChainForOneContract() public {
        bytes memory signature = signed(AUDITOR_KEY, quality.hashReport(report()));
        uint256 chainId = block.chainid;
        vm.chainId(chainId + 1);
        refused(report(), signature, badSignature(auditor));
        vm.chainId(chainId);
        IQualityReports here = quality;
        quality = created(address(directory), address(directory), address(agentStaking), MIN_STAKE_WEI);
        refused(report(), signature, badSignature(auditor));
        here.record(report(), signature);
    }

    function test_AContractSignsByERC1271() public {
        directory.setOperator(AUDITOR_ID, address(new Wallet(auditor)));
        record(report());
        equal(quality.scoreOf(AGENT).reports, 1, "recorded");
    }

    function test_APauseStopsReports() public {
        pauseAs(GUARDIAN, address(quality));
        refused(report(), abi.encodeWithSelector(IGuarded.GuardedPaused.selector));
    }

    // Parameters

    function test_GovernanceAloneListsAuditorsAndSetsTheirStake() public {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(quality));
        emit IQualityReports.MinStakeSet(10_000_000e18);
        quality.setMinStake(10_000_000e18);
        uint256[2] memory stakes = [uint256(1e18 - 1), 10_000_000e18 + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IQualityReports.QualityStakeOutOfRange.selector, stakes[i], 1e18, 10_000_000e18)
            );
            quality.setMinStake(stakes[i]);
        }
        vm.stopPrank();
        refused(
            report(),
            abi.encodeWithSelector(IQualityReports.QualityNotAuditor.selector, AUDITOR_ID, MIN_STAKE_WEI, 10_000_000e18)
        );
        vm.prank(GOVERNOR);
        quality.setMinStake(1e18);
        record(report());
        expectNotOwner(GUARDIAN);
        quality.setAuditor(1, true);
        expectNotOwner(GUARDIAN);
        quality.setMinStake(1e18);
    }

    function testFuzz_AScoreStaysBetweenOldAndNew(uint32 before, uint32 reported) public {
        IQualityReports.PerformanceReport memory made = report();
        made.sampleCount = 1_000_000;
        made.matched = uint32(bound(before, 0, 1_000_000));
        record(made);
        uint256 old = made.matched;
        made.period -= 1;
        made.matched = uint32(bound(reported, 0, 1_000_000));
        record(made);
        (uint256 found, uint256 given) = (quality.qualityPpm(AGENT), made.matched);
        (uint256 low, uint256 high) = old < given ? (old, given) : (given, old);
        require(low <= found && found <= high, "out of its bounds");
    }
}
