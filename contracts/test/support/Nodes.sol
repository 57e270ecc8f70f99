// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentOwners} from "../../agents/IAgentOwners.sol";
import {IAgentRegistry} from "../../agents/IAgentRegistry.sol";
import {IAgentStaking} from "../../agents/IAgentStaking.sol";
import {IReplayFaults} from "../../agents/IReplayFaults.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {Agents} from "./Agents.sol";
import {Signing} from "./Signing.sol";

/// The real registry, with staking on it: a node that is the wallet of one agent, and its receipts.
abstract contract Nodes is Agents, Signing {
    uint256 internal constant NODE_KEY = 0x40DE;
    address internal constant PROVER = address(0x9407);

    IAgentRegistry internal agents;
    IReplayFaults internal faults;
    address internal node;
    uint256 internal agentId;
    bytes32 internal poolId;

    function setUp() public virtual override {
        super.setUp();
        node = vm.addr(NODE_KEY);
        agents = IAgentRegistry(
            proxy("AgentRegistry", abi.encodeCall(IAgentRegistry.initialize, (GOVERNOR, GUARDIAN)))
        );
        agentStaking = IAgentStaking(
            proxy(
                "AgentStaking",
                abi.encodeCall(
                    IAgentStaking.initialize,
                    (
                        GOVERNOR,
                        GUARDIAN,
                        token,
                        IAgentOwners(address(agents)),
                        directory,
                        IRewardSink(address(vault)),
                        STAKE_THAW
                    )
                )
            )
        );
        faults = IReplayFaults(
            proxy(
                "ReplayFaults",
                abi.encodeCall(IReplayFaults.initialize, (GOVERNOR, GUARDIAN, agents, agentStaking, address(escrow)))
            )
        );
        setSlasher(address(faults), true);
        token.approve(address(agentStaking), type(uint256).max);
        agentId = agentOf(operator, NODE_KEY);
        poolId = bytes32(agentId);
        agentStaking.stake(poolId, operator, 10_000);
    }

    /// An agent of `owner` whose wallet is the key's account.
    function agentOf(address owner, uint256 key) internal returns (uint256 id) {
        vm.prank(owner);
        id = agents.register();
        address wallet = vm.addr(key);
        bytes memory proof = signed(key, agents.hashAgentWallet(id, wallet, owner, block.timestamp));
        vm.prank(owner);
        agents.setAgentWallet(id, wallet, block.timestamp, proof);
    }

    function receipt() internal view returns (IReplayFaults.AnswerReceipt memory) {
        return
            IReplayFaults.AnswerReceipt({
                requestHash: "request",
                responseHash: "response",
                baseModelId: "base",
                modelId: "model",
                engineHash: "engine",
                previousReceipt: "previous",
                promptTokens: 7,
                completionTokens: 9,
                priceWei: 100,
                payer: STRANGER,
                node: node,
                sequence: 5,
                timestampMs: 1_000_000_000
            });
    }

    /// A receipt that shares nothing of note with `receipt()` but its node.
    function other() internal view returns (IReplayFaults.AnswerReceipt memory made) {
        made = receipt();
        made.requestHash = "another request";
        made.responseHash = "another response";
        made.previousReceipt = "another";
        made.sequence = 6;
    }

    function sign(
        uint256 key,
        IReplayFaults.AnswerReceipt memory made
    ) internal view returns (IReplayFaults.SignedReceipt memory) {
        return IReplayFaults.SignedReceipt(made, signed(key, faults.hashReceipt(made)));
    }

    function prove(
        uint256 id,
        IReplayFaults.Fault fault,
        IReplayFaults.AnswerReceipt memory first,
        IReplayFaults.AnswerReceipt memory second
    ) internal returns (uint256) {
        (IReplayFaults.SignedReceipt memory one, IReplayFaults.SignedReceipt memory two) = (
            sign(NODE_KEY, first),
            sign(NODE_KEY, second)
        );
        vm.prank(PROVER);
        return faults.prove(id, fault, one, two);
    }

    function refused(
        IReplayFaults.Fault fault,
        IReplayFaults.SignedReceipt memory first,
        IReplayFaults.SignedReceipt memory second,
        bytes memory reason
    ) internal {
        vm.prank(PROVER);
        vm.expectRevert(reason);
        faults.prove(agentId, fault, first, second);
    }
}
