// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IOpenTimelock} from "./IOpenTimelock.sol";

/// @title The account that owns the economy
/// @notice What the governor passed, anybody may carry out here after the delay. It administers itself: no other account has or
/// had any role. The delay is the time in which who disagrees can take out what is theirs, so it has a floor.
contract OpenTimelock is TimelockController, IOpenTimelock {
    uint256 public constant MIN_DELAY = 1 days;
    uint256 public constant MAX_DELAY = 30 days;

    /// @param governor the only proposer and canceller
    constructor(
        address governor,
        uint256 delaySeconds
    ) TimelockController(delaySeconds, _only(governor), _only(address(0)), address(0)) {
        _checkDelay(delaySeconds);
    }

    /// @notice Sets the delay of what is scheduled from now on. By itself only, that is by a proposal.
    function updateDelay(uint256 newDelay) public override {
        _checkDelay(newDelay);
        super.updateDelay(newDelay);
    }

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }

    function _checkDelay(uint256 delaySeconds) private pure {
        bool within = delaySeconds >= MIN_DELAY && delaySeconds <= MAX_DELAY;
        require(within, TimelockDelayOutOfBounds(delaySeconds, MIN_DELAY, MAX_DELAY));
    }
}
