// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDisputes} from "../../agents/IDisputes.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {Agents} from "./Agents.sol";

/// Disputes about a staked agent and a staked model, and one who challenges.
abstract contract Challenges is Agents {
    address internal constant ARBITER = address(0xA4B);
    address internal constant CHALLENGER = address(0xC4);
    uint128 internal constant DISPUTE_BOND_WEI = 1e18 + 1; // odd, so that halves round
    uint256 internal constant ANSWER_TIME = 3 days;
    uint256 internal constant RULING_TIME = 14 days;

    IDisputes internal disputes;

    function setUp() public virtual override {
        super.setUp();
        disputes = IDisputes(proxy("Disputes", initialDisputes(DISPUTE_BOND_WEI)));
        setSlasher(address(disputes), true);
        token.transfer(CHALLENGER, 1e21);
        vm.prank(CHALLENGER);
        token.approve(address(disputes), type(uint256).max);
        stake(AGENT, operator, 600);
        stake(AGENT, delegator, 400);
        stake(MODEL, delegator, 1000);
    }

    function initialDisputes(uint128 bondWei) internal view returns (bytes memory) {
        return
            abi.encodeCall(
                IDisputes.initialize,
                (
                    GOVERNOR,
                    GUARDIAN,
                    token,
                    agentStaking,
                    directory,
                    directory,
                    IRewardSink(address(vault)),
                    bondWei,
                    ARBITER
                )
            );
    }

    function opened(bytes32 poolId, uint256 slashWei) internal returns (uint256) {
        vm.prank(CHALLENGER);
        return disputes.open(poolId, "claim", slashWei);
    }

    function answered(uint256 disputeId) internal returns (uint256) {
        vm.prank(operator);
        disputes.answer(disputeId, "answer");
        return disputeId;
    }

    function statusOf(uint256 disputeId) internal view returns (IDisputes.Status) {
        return disputes.disputeOf(disputeId).status;
    }
}
