// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentOwners} from "../../agents/IAgentOwners.sol";
import {IAgentStaking} from "../../agents/IAgentStaking.sol";
import {IModelOwners} from "../../agents/IModelOwners.sol";
import {IGuarded} from "../../governance/IGuarded.sol";
import {IRewardSink} from "../../rewards/IRewardSink.sol";
import {Economy} from "./Economy.sol";

/// Agents and models by decree.
contract Directory is IAgentOwners, IModelOwners {
    mapping(uint256 agentId => address) public operatorOf;
    mapping(bytes32 id => address) internal _owners;
    mapping(uint256 agentId => address) internal _agentOwners;

    function setOperator(uint256 agentId, address operator) external {
        operatorOf[agentId] = operator;
    }

    function setOwner(bytes32 id, address owner) external {
        _owners[id] = owner;
    }

    function setAgentOwner(uint256 agentId, address owner) external {
        _agentOwners[agentId] = owner;
    }

    function ownerOf(bytes32 id) external view returns (address) {
        return _owners[id];
    }

    /// The operator, where no other was named.
    function ownerOf(uint256 agentId) external view returns (address owner) {
        owner = _agentOwners[agentId];
        if (owner == address(0)) owner = operatorOf[agentId];
    }
}

/// Staking with an agent and a model, two who stake, and one contract that may slash.
abstract contract Agents is Economy {
    uint256 internal constant AGENT_ID = 7;
    bytes32 internal constant AGENT = bytes32(AGENT_ID);
    bytes32 internal constant MODEL = keccak256("model");
    uint256 internal constant OPERATOR_KEY = 0x0FE7;
    uint256 internal constant DELEGATOR_KEY = 0xDE1E;
    address internal constant SLASHER = address(0x51A5);
    address internal constant BOUNTY = address(0xB0);
    uint256 internal constant STAKE_THAW = 7 days;
    uint256 internal constant SHARES = 1e6; // of a wei, in a fresh pool

    address internal operator;
    address internal delegator;
    Directory internal directory;
    IAgentStaking internal agentStaking;

    function setUp() public virtual override {
        super.setUp();
        operator = vm.addr(OPERATOR_KEY);
        delegator = vm.addr(DELEGATOR_KEY);
        directory = new Directory();
        directory.setOperator(AGENT_ID, operator);
        directory.setOwner(MODEL, STRANGER);
        agentStaking = IAgentStaking(proxy("AgentStaking", initialStaking(GOVERNOR)));
        setSlasher(SLASHER, true);
        token.approve(address(agentStaking), type(uint256).max);
        address[2] memory stakers = [operator, delegator];
        for (uint256 i; i < 2; ++i) {
            token.transfer(stakers[i], 1e24);
            vm.prank(stakers[i]);
            token.approve(address(agentStaking), type(uint256).max);
        }
    }

    function initialStaking(address governance) internal view returns (bytes memory) {
        return
            abi.encodeCall(
                IAgentStaking.initialize,
                (governance, GUARDIAN, token, directory, directory, IRewardSink(address(vault)), STAKE_THAW)
            );
    }

    function setSlasher(address slasher, bool allowed) internal {
        vm.prank(GOVERNOR);
        agentStaking.setSlasher(slasher, allowed);
    }

    function stake(bytes32 poolId, address staker, uint128 amountWei) internal returns (uint256) {
        vm.prank(staker);
        return agentStaking.stake(poolId, staker, amountWei);
    }

    function thawAll(bytes32 poolId, address staker) internal returns (uint256) {
        (uint256 shares, ) = agentStaking.stakeOf(poolId, staker);
        vm.prank(staker);
        return agentStaking.thaw(poolId, shares);
    }

    function withdraw(bytes32 poolId, address staker) internal returns (uint256) {
        vm.prank(staker);
        return agentStaking.withdraw(poolId, staker);
    }

    function slash(bytes32 poolId, uint256 amountWei) internal returns (uint256) {
        vm.prank(SLASHER);
        return agentStaking.slash(poolId, amountWei, BOUNTY);
    }

    function stakeOf(bytes32 poolId, address staker) internal view returns (uint256 amountWei) {
        (, amountWei) = agentStaking.stakeOf(poolId, staker);
    }

    function equal(IAgentStaking.Pool memory pool, uint256 activeWei, uint256 thawingWei) internal pure {
        equal(pool.activeWei, activeWei, "active wei");
        equal(pool.thawingWei, thawingWei, "thawing wei");
    }

    function pauseAs(address who, address target_) internal {
        vm.prank(who);
        IGuarded(target_).pause();
    }

    /// Asks the next call to fail because governance alone may make it.
    function expectNotOwner(address sender) internal {
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", sender));
    }
}
