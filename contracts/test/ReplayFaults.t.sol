// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAgentRegistry} from "../agents/IAgentRegistry.sol";
import {IReplayFaults} from "../agents/IReplayFaults.sol";
import {IStaking} from "../agents/IStaking.sol";
import {IGuarded} from "../governance/IGuarded.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Nodes} from "./support/Nodes.sol";

interface IFaultsParameters {
    function faultPpm() external view returns (uint32);
    function liabilityTime() external view returns (uint64);
    function escrow() external view returns (address);
}

contract ReplayFaultsTest is Nodes {
    IReplayFaults.Fault internal constant SEQUENCE = IReplayFaults.Fault.Sequence;
    IReplayFaults.Fault internal constant PREDECESSOR = IReplayFaults.Fault.Predecessor;
    IReplayFaults.Fault internal constant RESPONSE = IReplayFaults.Fault.Response;

    function parameters() internal view returns (IFaultsParameters) {
        return IFaultsParameters(address(faults));
    }

    // Setting up

    function test_FaultsWithoutTheirPartsAreRefused() public {
        for (uint256 missing; missing < 3; ++missing) {
            vm.expectRevert(IReplayFaults.ReplayZeroAddress.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        deployFor(
            missing == 0 ? address(0) : address(agents),
            missing == 1 ? address(0) : address(agentStaking),
            missing == 2 ? address(0) : address(escrow)
        );
    }

    function deployFor(address agents_, address staking_, address escrow_) internal returns (IReplayFaults) {
        return
            IReplayFaults(
                proxy(
                    "ReplayFaults",
                    abi.encodeCall(
                        IReplayFaults.initialize,
                        (GOVERNOR, GUARDIAN, IAgentRegistry(agents_), IStaking(staking_), escrow_)
                    )
                )
            );
    }

    function test_ItIsSetUpOnceAndUpgradedByGovernanceAlone() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        faults.initialize(GOVERNOR, GUARDIAN, agents, agentStaking, address(escrow));
        address code = deployed("ReplayFaults", "");
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        IReplayFaults(code).initialize(GOVERNOR, GUARDIAN, agents, agentStaking, address(escrow));
        expectNotOwner(STRANGER);
        IUpgradeable(address(faults)).upgradeToAndCall(code, "");
        equal(parameters().faultPpm(), 100_000, "rate");
        equal(parameters().liabilityTime(), 7 days, "liability");
        equal(parameters().escrow(), address(escrow), "escrow");
        equal(IGuarded(address(faults)).guardian(), GUARDIAN, "guardian");
    }

    /// The hash that the protocol's TypeScript gives for the same receipt on the same chain.
    function test_AReceiptHashesAsTheProtocolHasIt() public {
        IReplayFaults.AnswerReceipt memory made = IReplayFaults.AnswerReceipt({
            requestHash: bytes32(uint256(1)),
            responseHash: bytes32(uint256(2)),
            baseModelId: bytes32(uint256(3)),
            modelId: bytes32(uint256(4)),
            engineHash: bytes32(uint256(5)),
            previousReceipt: bytes32(uint256(6)),
            promptTokens: 7,
            completionTokens: 9,
            priceWei: type(uint128).max,
            payer: 0x4444444444444444444444444444444444444444,
            node: 0x5555555555555555555555555555555555555555,
            sequence: 10,
            timestampMs: 1_790_000_000_000
        });
        IReplayFaults elsewhere = deployFor(
            address(agents),
            address(agentStaking),
            0x2222222222222222222222222222222222222222
        );
        vm.chainId(31337);
        equal(elsewhere.hashReceipt(made), 0x51c9cddc7fee85e21e858925aaed9a3c6cce309853b80dcf8349213641a0a211, "hash");
    }

    // Faults

    function expectProven(
        IReplayFaults.Fault fault,
        IReplayFaults.AnswerReceipt memory first,
        IReplayFaults.AnswerReceipt memory second
    ) internal {
        (bytes32 one, bytes32 two) = (faults.hashReceipt(first), faults.hashReceipt(second));
        vm.expectEmit(address(faults));
        emit IReplayFaults.ReplayFaultProven(agentId, node, PROVER, fault, one, two, 1000);
        equal(prove(agentId, fault, first, second), 1000, "a tenth");
        equal(token.balanceOf(PROVER), 500, "half is bounty");
        equal(vault.funded(), 500, "half is rewards");
        equal(agentStaking.slashableWei(poolId), 9000, "left");
        require(faults.isKnown(agentId, one) && faults.isKnown(agentId, two), "receipts are known");
    }

    function test_TwoReceiptsOfOneNumberAreAFault() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.sequence = receipt().sequence;
        expectProven(SEQUENCE, receipt(), second);
    }

    function test_TwoReceiptsAfterOneAreAFault() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.previousReceipt = receipt().previousReceipt;
        expectProven(PREDECESSOR, receipt(), second);
    }

    function test_ANumberUsedTwiceIsAFaultThoughTheAnswersAreAlike() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.responseHash = receipt().responseHash;
        second.sequence = receipt().sequence;
        expectProven(SEQUENCE, receipt(), second);
    }

    function test_TwoAnswersToOneRequestAreAFault() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.requestHash = receipt().requestHash;
        expectProven(RESPONSE, receipt(), second);
    }

    function test_ReceiptsThatDoNotConflictAreNoFault() public {
        for (uint256 i; i < 3; ++i) {
            IReplayFaults.Fault fault = IReplayFaults.Fault(i);
            bytes memory reason = abi.encodeWithSelector(IReplayFaults.ReplayNoConflict.selector, fault);
            refused(fault, sign(NODE_KEY, receipt()), sign(NODE_KEY, other()), reason);
            refused(fault, sign(NODE_KEY, receipt()), sign(NODE_KEY, receipt()), reason);
        }
    }

    function test_TheSameAnswerTwiceIsNoFault() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.requestHash = receipt().requestHash;
        second.responseHash = receipt().responseHash;
        bytes memory reason = abi.encodeWithSelector(IReplayFaults.ReplayNoConflict.selector, RESPONSE);
        refused(RESPONSE, sign(NODE_KEY, receipt()), sign(NODE_KEY, second), reason);
    }

    function test_AnotherModelOrEngineMayAnswerOtherwise() public {
        bytes memory reason = abi.encodeWithSelector(IReplayFaults.ReplayNoConflict.selector, RESPONSE);
        for (uint256 i; i < 3; ++i) {
            IReplayFaults.AnswerReceipt memory second = other();
            second.requestHash = receipt().requestHash;
            if (i == 0) second.baseModelId = "another base";
            else if (i == 1) second.modelId = "another model";
            else second.engineHash = "another engine";
            refused(RESPONSE, sign(NODE_KEY, receipt()), sign(NODE_KEY, second), reason);
        }
    }

    function test_ReceiptsOfTwoNodesAreNoFault() public {
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.node = operator;
        second.responseHash = "another";
        refused(
            SEQUENCE,
            sign(NODE_KEY, receipt()),
            sign(OPERATOR_KEY, second),
            abi.encodeWithSelector(IReplayFaults.ReplayOtherNode.selector, node, operator)
        );
    }

    // Signatures

    function badSignature(IReplayFaults.AnswerReceipt memory made) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IReplayFaults.ReplayBadSignature.selector, faults.hashReceipt(made), made.node);
    }

    function test_AForgedReceiptProvesNothing() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.sequence = receipt().sequence;
        refused(SEQUENCE, sign(NODE_KEY + 1, receipt()), sign(NODE_KEY, second), badSignature(receipt()));
        refused(SEQUENCE, sign(NODE_KEY, receipt()), sign(NODE_KEY + 1, second), badSignature(second));
        IReplayFaults.SignedReceipt memory changed = sign(NODE_KEY, second);
        changed.receipt.priceWei += 1;
        refused(SEQUENCE, sign(NODE_KEY, receipt()), changed, badSignature(changed.receipt));
        IReplayFaults.AnswerReceipt memory ofNobody = receipt();
        ofNobody.node = address(0);
        IReplayFaults.SignedReceipt memory empty = IReplayFaults.SignedReceipt(ofNobody, "");
        refused(SEQUENCE, empty, empty, badSignature(ofNobody));
    }

    function test_AMirroredSignatureMakesNoSecondReceipt() public {
        bytes32 hash = faults.hashReceipt(receipt());
        IReplayFaults.SignedReceipt memory bent = IReplayFaults.SignedReceipt(receipt(), mirrored(NODE_KEY, hash));
        refused(SEQUENCE, sign(NODE_KEY, receipt()), bent, badSignature(receipt()));
    }

    function test_ReceiptsOfAnotherChainOrEscrowProveNothing() public {
        IReplayFaults.AnswerReceipt memory second = other();
        second.sequence = receipt().sequence;
        IReplayFaults.SignedReceipt memory here = sign(NODE_KEY, receipt());
        uint256 chainId = block.chainid;
        vm.chainId(chainId + 1);
        IReplayFaults.SignedReceipt memory there = sign(NODE_KEY, second);
        vm.chainId(chainId);
        refused(SEQUENCE, here, there, badSignature(second));
        IReplayFaults here_ = faults;
        faults = deployFor(address(agents), address(agentStaking), STRANGER);
        there = sign(NODE_KEY, second);
        faults = here_;
        refused(SEQUENCE, here, there, badSignature(second));
    }

    // Once each

    function known(bytes32 key) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IReplayFaults.ReplayKnown.selector, agentId, key);
    }

    function test_AFaultIsSlashedOnce() public {
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        equal(prove(agentId, SEQUENCE, receipt(), second), 1000, "slashed");
        bytes32 key = keccak256(abi.encode(SEQUENCE, node, receipt().sequence));
        refused(SEQUENCE, sign(NODE_KEY, receipt()), sign(NODE_KEY, second), known(key));
        refused(SEQUENCE, sign(NODE_KEY, second), sign(NODE_KEY, receipt()), known(key));
        IReplayFaults.AnswerReceipt memory third = other();
        third.sequence = receipt().sequence;
        refused(SEQUENCE, sign(NODE_KEY, third), sign(NODE_KEY, receipt()), known(key));
        refused(SEQUENCE, sign(NODE_KEY, second), sign(NODE_KEY, third), known(key));
        equal(agentStaking.slashableWei(poolId), 9000, "once");
    }

    function test_APairIsNotSlashedAgainForItsOtherFaults() public {
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        prove(agentId, SEQUENCE, receipt(), second);
        bytes32 one = faults.hashReceipt(receipt());
        bytes32 two = faults.hashReceipt(second);
        refused(PREDECESSOR, sign(NODE_KEY, receipt()), sign(NODE_KEY, second), known(one));
        IReplayFaults.AnswerReceipt memory third = receipt();
        (third.sequence, third.priceWei) = (9, 9);
        refused(PREDECESSOR, sign(NODE_KEY, third), sign(NODE_KEY, second), known(two));
    }

    function test_AnotherFaultIsSlashedAgain() public {
        IReplayFaults.AnswerReceipt memory first = receipt();
        IReplayFaults.AnswerReceipt memory second = receipt();
        for (uint256 i; i < 3; ++i) {
            (first.sequence, second.sequence) = (uint64(i), uint64(i));
            second.responseHash = "another";
            equal(prove(agentId, SEQUENCE, first, second), (agentStaking.slashableWei(poolId) + 8) / 9, "a tenth");
        }
    }

    // Who answers

    function test_AnAgentOfAnotherNodeDoesNotAnswer() public {
        uint256 stranger = agentOf(STRANGER, OPERATOR_KEY);
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        (IReplayFaults.SignedReceipt memory one, IReplayFaults.SignedReceipt memory two) = (
            sign(NODE_KEY, receipt()),
            sign(NODE_KEY, second)
        );
        vm.expectRevert(abi.encodeWithSelector(IReplayFaults.ReplayNotItsNode.selector, stranger, node));
        faults.prove(stranger, SEQUENCE, one, two);
        vm.expectRevert(abi.encodeWithSelector(IReplayFaults.ReplayNotItsNode.selector, 99, node));
        faults.prove(99, SEQUENCE, one, two);
    }

    function test_EveryAgentOfANodeAnswersOnce() public {
        uint256 poor = agentOf(delegator, NODE_KEY);
        agentStaking.stake(bytes32(poor), delegator, 10);
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        equal(prove(poor, SEQUENCE, receipt(), second), 1, "the poor one");
        equal(prove(agentId, SEQUENCE, receipt(), second), 1000, "spares not the other");
    }

    function test_AnAgentWithoutStakeIsShownAgain() public {
        uint256 poor = agentOf(delegator, NODE_KEY);
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        (IReplayFaults.SignedReceipt memory one, IReplayFaults.SignedReceipt memory two) = (
            sign(NODE_KEY, receipt()),
            sign(NODE_KEY, second)
        );
        vm.expectRevert(abi.encodeWithSelector(IReplayFaults.ReplayNothingSlashed.selector, poor));
        faults.prove(poor, SEQUENCE, one, two);
        agentStaking.stake(bytes32(poor), delegator, 100);
        equal(prove(poor, SEQUENCE, receipt(), second), 10, "now");
    }

    function test_AFormerOperatorsFaultsCountForTheLiabilityTime() public {
        IReplayFaults.AnswerReceipt memory second = receipt();
        second.responseHash = "another";
        vm.prank(operator);
        IERC721(address(agents)).transferFrom(operator, STRANGER, agentId);
        vm.warp(block.timestamp + 7 days);
        refused(
            SEQUENCE,
            sign(NODE_KEY, receipt()),
            sign(NODE_KEY, second),
            abi.encodeWithSelector(IReplayFaults.ReplayNotItsNode.selector, agentId, node)
        );
        vm.warp(block.timestamp - 1);
        equal(prove(agentId, SEQUENCE, receipt(), second), 1000, "the last second");
    }

    function test_APauseStopsProofs() public {
        pauseAs(GUARDIAN, address(faults));
        refused(
            SEQUENCE,
            sign(NODE_KEY, receipt()),
            sign(NODE_KEY, receipt()),
            abi.encodeWithSelector(IGuarded.GuardedPaused.selector)
        );
    }

    // Parameters

    function test_GovernanceSetsParametersWithinTheirBounds() public {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(faults));
        emit IReplayFaults.FaultRateSet(300_000);
        faults.setFaultRate(300_000);
        faults.setFaultRate(10_000);
        equal(parameters().faultPpm(), 10_000, "rate");
        vm.expectEmit(address(faults));
        emit IReplayFaults.LiabilityTimeSet(60 days);
        faults.setLiabilityTime(60 days);
        faults.setLiabilityTime(1 days);
        equal(parameters().liabilityTime(), 1 days, "liability");
        uint32[2] memory rates = [uint32(9_999), 300_001];
        uint256[2] memory times = [uint256(1 days - 1), 60 days + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IReplayFaults.ReplayRateOutOfRange.selector, rates[i], 10_000, 300_000)
            );
            faults.setFaultRate(rates[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IReplayFaults.ReplayTimeOutOfRange.selector, times[i], 1 days, 60 days)
            );
            faults.setLiabilityTime(times[i]);
        }
        vm.stopPrank();
        expectNotOwner(GUARDIAN);
        faults.setFaultRate(10_000);
        expectNotOwner(GUARDIAN);
        faults.setLiabilityTime(1 days);
    }
}
