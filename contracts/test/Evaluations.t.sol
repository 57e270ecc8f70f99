// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IEvaluations} from "../lineage/IEvaluations.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {Economy, IUpgradeable} from "./support/Economy.sol";
import {StakedAgents} from "./support/StakedAgents.sol";

contract EvaluationsTest is Economy {
    event EvaluationRecorded(
        bytes32 indexed evaluationId,
        bytes32 indexed modelId,
        address indexed evaluator,
        uint256 agentId,
        bytes32 reportDigest,
        bytes32 dataDigest,
        bytes32 metric,
        int256 valueE6
    );
    event EvaluationChallenged(
        bytes32 indexed evaluationId,
        uint256 indexed agentId,
        address indexed challenger,
        bytes32 reportDigest
    );
    event EvaluationFlagSet(bytes32 indexed evaluationId, address indexed flagger, bool flagged, bytes32 reasonDigest);
    event EvaluatorSet(address indexed evaluator, bool allowed);
    event EvaluationFlaggerSet(address indexed flagger, bool allowed);
    event MinStakeSet(uint256 minStakeWei);

    address internal constant OPERATOR = address(0x0b);
    address internal constant RIVAL = address(0x1f);
    uint256 internal constant STAKE_WEI = 5e18;
    IEvaluations internal evaluations;
    StakedAgents internal agents;
    bytes32 internal base;

    function setUp() public override {
        super.setUp();
        agents = new StakedAgents();
        evaluations = IEvaluations(proxy("Evaluations", setup(true, true, true, STAKE_WEI)));
        agents.set(1, OPERATOR, STAKE_WEI);
        agents.set(2, RIVAL, STAKE_WEI + 1);
        base = newBase(STRANGER);
    }

    function setup(
        bool hasRegistry,
        bool hasAgents,
        bool hasStaking,
        uint256 minWei
    ) internal view returns (bytes memory) {
        return
            abi.encodeCall(
                IEvaluations.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    ILineageRegistry(hasRegistry ? address(registry) : address(0)),
                    IAgentKeys(hasAgents ? address(agents) : address(0)),
                    IStaking(hasStaking ? address(agents) : address(0)),
                    minWei
                )
            );
    }

    function create(bytes calldata setup_) external {
        proxy("Evaluations", setup_);
    }

    function evaluation() internal view returns (IEvaluations.Evaluation memory) {
        return IEvaluations.Evaluation(base, "report", "data", "perplexity", -12_500_000);
    }

    function recordOne() internal returns (bytes32 id) {
        vm.prank(OPERATOR);
        return evaluations.record(1, evaluation());
    }

    function notOwned() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IUpgradeable.OwnableUnauthorizedAccount.selector, STRANGER);
    }

    function test_NobodyInitialisesAgainOrTheCodeBehindTheProxy() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        evaluations.initialize(STRANGER, STRANGER, registry, agents, agents, STAKE_WEI);
        IEvaluations code = IEvaluations(deployed("Evaluations", ""));
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        code.initialize(STRANGER, STRANGER, registry, agents, agents, STAKE_WEI);
    }

    function test_EvaluationsWithoutTheirPartsAreRefused() public {
        for (uint256 i; i < 3; ++i) {
            vm.expectRevert(IEvaluations.EvaluationsZeroAddress.selector);
            this.create(setup(i != 0, i != 1, i != 2, STAKE_WEI));
        }
        vm.expectRevert(
            abi.encodeWithSelector(IEvaluations.EvaluationsMinStakeOutOfRange.selector, 1e18 - 1, 1e18, 1e23)
        );
        this.create(setup(true, true, true, 1e18 - 1));
    }

    function test_OnlyGovernanceUpgradesAndStateStays() public {
        bytes32 id = recordOne();
        address code = deployed("Evaluations", "");
        vm.prank(STRANGER);
        vm.expectRevert(notOwned());
        IUpgradeable(address(evaluations)).upgradeToAndCall(code, "");
        vm.prank(GOVERNOR);
        IUpgradeable(address(evaluations)).upgradeToAndCall(code, "");
        equal(evaluations.recordOf(id).evaluator, OPERATOR, "record after the upgrade");
    }

    function test_AStakedAgentRecordsAnEvaluation() public {
        bytes32 id = evaluations.evaluationIdOf(OPERATOR, 1, evaluation());
        vm.expectEmit(address(evaluations));
        emit EvaluationRecorded(id, base, OPERATOR, 1, "report", "data", "perplexity", -12_500_000);
        equal(recordOne(), id, "id");
        IEvaluations.Record memory kept = evaluations.recordOf(id);
        equal(kept.evaluator, OPERATOR, "evaluator");
        equal(kept.agentId, 1, "agent");
        equal(kept.recordedAt, block.timestamp, "time");
        require(!kept.isFlagged, "not flagged");
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsExists.selector, id));
        evaluations.record(1, evaluation());
    }

    function test_AnIdHoldsChainContractEvaluatorAndAgent() public {
        bytes32 id = evaluations.evaluationIdOf(OPERATOR, 1, evaluation());
        equal(id, keccak256(abi.encode(block.chainid, address(evaluations), OPERATOR, uint256(1), evaluation())), "id");
        require(evaluations.evaluationIdOf(OPERATOR, 2, evaluation()) != id, "agent");
        require(evaluations.evaluationIdOf(RIVAL, 1, evaluation()) != id, "evaluator");
        vm.chainId(block.chainid + 1);
        require(evaluations.evaluationIdOf(OPERATOR, 1, evaluation()) != id, "chain");
    }

    function test_OnlyOperatorsOfStakedAgentsRecord() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsNotOperator.selector, 1, STRANGER));
        evaluations.record(1, evaluation());
        agents.set(1, OPERATOR, STAKE_WEI - 1);
        vm.prank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IEvaluations.EvaluationsStakeTooLow.selector, 1, STAKE_WEI - 1, STAKE_WEI)
        );
        evaluations.record(1, evaluation());
    }

    function test_AnEvaluatorOfGovernanceNeedsNoAgent() public {
        vm.prank(RIVAL);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsNotEvaluator.selector, RIVAL));
        evaluations.recordAsEvaluator(evaluation());
        vm.prank(STRANGER);
        vm.expectRevert(notOwned());
        evaluations.setEvaluator(RIVAL, true);
        vm.startPrank(GOVERNOR);
        vm.expectRevert(IEvaluations.EvaluationsZeroAddress.selector);
        evaluations.setEvaluator(address(0), true);
        vm.expectEmit(address(evaluations));
        emit EvaluatorSet(RIVAL, true);
        evaluations.setEvaluator(RIVAL, true);
        vm.stopPrank();
        require(evaluations.isEvaluator(RIVAL), "allowed");
        bytes32 id = evaluations.evaluationIdOf(RIVAL, 0, evaluation());
        vm.expectEmit(address(evaluations));
        emit EvaluationRecorded(id, base, RIVAL, 0, "report", "data", "perplexity", -12_500_000);
        vm.prank(RIVAL);
        equal(evaluations.recordAsEvaluator(evaluation()), id, "id");
        vm.prank(GOVERNOR);
        evaluations.setEvaluator(RIVAL, false);
        require(!evaluations.isEvaluator(RIVAL), "no more");
    }

    function refused(IEvaluations.Evaluation memory given, bytes memory reason) internal {
        vm.prank(OPERATOR);
        vm.expectRevert(reason);
        evaluations.record(1, given);
    }

    function test_AnEvaluationOfNothingIsRefused() public {
        IEvaluations.Evaluation memory given = evaluation();
        given.modelId = "x";
        refused(given, abi.encodeWithSelector(ILineageRegistry.LineageUnknown.selector, bytes32("x")));
        bytes memory reason = abi.encodeWithSelector(IEvaluations.EvaluationsZeroDigest.selector);
        given = evaluation();
        given.reportDigest = 0;
        refused(given, reason);
        given = evaluation();
        given.dataDigest = 0;
        refused(given, reason);
        given = evaluation();
        given.metric = 0;
        refused(given, reason);
        given = evaluation();
        given.valueE6 = 0; // is a value
        vm.prank(OPERATOR);
        evaluations.record(1, given);
    }

    function test_AStakedAgentContradicts() public {
        bytes32 id = recordOne();
        vm.expectEmit(address(evaluations));
        emit EvaluationChallenged(id, 2, RIVAL, "other report");
        vm.prank(RIVAL);
        evaluations.challenge(id, 2, "other report");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsNotOperator.selector, 2, STRANGER));
        evaluations.challenge(id, 2, "other report");
        vm.prank(RIVAL);
        vm.expectRevert(IEvaluations.EvaluationsZeroDigest.selector);
        evaluations.challenge(id, 2, 0);
        vm.prank(RIVAL);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsUnknown.selector, bytes32("x")));
        evaluations.challenge("x", 2, "other report");
        agents.set(2, RIVAL, 0);
        vm.prank(RIVAL);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsStakeTooLow.selector, 2, 0, STAKE_WEI));
        evaluations.challenge(id, 2, "other report");
    }

    function test_FlaggersMarkWhatIsWrong() public {
        bytes32 id = recordOne();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsNotFlagger.selector, STRANGER));
        evaluations.setFlag(id, true, "why");
        vm.prank(STRANGER);
        vm.expectRevert(notOwned());
        evaluations.setFlagger(STRANGER, true);
        vm.startPrank(GOVERNOR);
        vm.expectRevert(IEvaluations.EvaluationsZeroAddress.selector);
        evaluations.setFlagger(address(0), true);
        vm.expectEmit(address(evaluations));
        emit EvaluationFlaggerSet(STRANGER, true);
        evaluations.setFlagger(STRANGER, true);
        vm.stopPrank();
        require(evaluations.isFlagger(STRANGER), "flagger");
        vm.startPrank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IEvaluations.EvaluationsUnknown.selector, bytes32("x")));
        evaluations.setFlag("x", true, "why");
        vm.expectEmit(address(evaluations));
        emit EvaluationFlagSet(id, STRANGER, true, "why");
        evaluations.setFlag(id, true, "why");
        require(evaluations.recordOf(id).isFlagged, "flagged");
        equal(evaluations.recordOf(id).evaluator, OPERATOR, "nothing else changed");
        vm.expectEmit(address(evaluations));
        emit EvaluationFlagSet(id, STRANGER, false, "why not");
        evaluations.setFlag(id, false, "why not");
        require(!evaluations.recordOf(id).isFlagged, "no more");
        vm.stopPrank();
        vm.prank(GOVERNOR);
        evaluations.setFlagger(STRANGER, false);
        require(!evaluations.isFlagger(STRANGER), "no flagger any more");
    }

    function test_GovernanceSetsTheStakeWithinBounds() public {
        equal(evaluations.minStakeWei(), STAKE_WEI, "at first");
        vm.prank(STRANGER);
        vm.expectRevert(notOwned());
        evaluations.setMinStake(1e18);
        vm.startPrank(GOVERNOR);
        vm.expectRevert(
            abi.encodeWithSelector(IEvaluations.EvaluationsMinStakeOutOfRange.selector, 1e18 - 1, 1e18, 1e23)
        );
        evaluations.setMinStake(1e18 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEvaluations.EvaluationsMinStakeOutOfRange.selector, 1e23 + 1, 1e18, 1e23)
        );
        evaluations.setMinStake(1e23 + 1);
        vm.expectEmit(address(evaluations));
        emit MinStakeSet(1e23);
        evaluations.setMinStake(1e23);
        equal(evaluations.minStakeWei(), 1e23, "most");
        evaluations.setMinStake(1e18);
        equal(evaluations.minStakeWei(), 1e18, "least");
        vm.stopPrank();
    }

    function test_APauseStopsNewEvaluationsOnly() public {
        bytes32 id = recordOne();
        vm.prank(GOVERNOR);
        evaluations.setEvaluator(RIVAL, true);
        vm.prank(GUARDIAN);
        IGuarded(address(evaluations)).pause();
        refused(evaluation(), abi.encodeWithSelector(IGuarded.GuardedPaused.selector));
        vm.prank(RIVAL);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        evaluations.recordAsEvaluator(evaluation());
        vm.prank(RIVAL);
        evaluations.challenge(id, 2, "other report");
    }
}
