// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";

/// @title A vesting wallet
/// @notice Nothing before `start`, all from `end` on, evenly between. Anybody may release; the owner is paid. The owner may hand
/// the wallet to another, and nobody can change its times.
/// @dev A cliff is a later start: OpenZeppelin's VestingWalletCliff would let a quarter fall due in one second at its end.
contract OpenVesting is VestingWallet {
    /// @notice Without an owner, what vests could never be paid.
    error VestingNeedsOwner();

    constructor(
        address beneficiary,
        uint64 startTime,
        uint64 durationSeconds
    ) VestingWallet(beneficiary, startTime, durationSeconds) {}

    /// @notice Always refused.
    function renounceOwnership() public pure override {
        revert VestingNeedsOwner();
    }
}
