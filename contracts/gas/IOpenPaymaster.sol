// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuarded} from "../governance/IGuarded.sol";
import {IPriceSource} from "./IPriceSource.sol";

/// @title Pays the gas of user operations and is paid in OPEN (ERC-4337, EntryPoint v0.8)
/// @notice Before an operation runs, its sender pays what it may cost at most; after it, succeeded or reverted, the sender
/// gets back what it did not cost. What remains is the treasury's.
/// @dev Trusts the EntryPoint; OPEN to take no fee on transfer and to call nobody; the price source to stay within its
/// bounds. Governance can withdraw the native deposit and stake, and set terms within their caps: it has no way to anybody's
/// OPEN. The guardian can stop sponsoring, nothing else. Senders approve the paymaster, or send a permit along: 0 bytes
/// of paymasterData for the first, 128 + 1 for the second: value, deadline, r, s (32 bytes each), v (1 byte).
///
/// "Day" is the day of the price in use, since validation must not read the clock: a price older than `maxAgeSeconds` is
/// refused by the EntryPoint, by the time range that validation answers.
interface IOpenPaymaster is IGuarded {
    /// @notice What governance may set.
    /// @param markupPpm on top of the price, for keeping native coin at hand
    /// @param postOpGas gas of `postOp` and of what the EntryPoint does after it; operations must allow it as their limit
    /// @param maxAgeSeconds of the price
    /// @param operationCapWei most that one operation may cost, native wei
    /// @param senderCapWei most that the operations of one sender may cost in a day, native wei
    /// @param dayCapWei most that all operations may cost in a day, native wei: what a wrong price can put at risk
    struct Terms {
        uint32 markupPpm;
        uint32 postOpGas;
        uint32 maxAgeSeconds;
        uint96 operationCapWei;
        uint96 senderCapWei;
        uint96 dayCapWei;
    }

    /// @notice An operation was paid for: `costWei` of native coin for `chargedWei` of OPEN.
    event Charged(
        bytes32 indexed userOpHash,
        address indexed sender,
        uint256 costWei,
        uint256 chargedWei,
        uint256 refundedWei
    );
    /// @notice What was earned went to the treasury.
    event Swept(uint256 amountWei);
    /// @notice The terms changed, for operations from now on.
    event TermsSet(
        uint32 markupPpm,
        uint32 postOpGas,
        uint32 maxAgeSeconds,
        uint96 operationCapWei,
        uint96 senderCapWei,
        uint96 dayCapWei
    );
    /// @notice Where the price comes from, from now on.
    event SourceSet(address indexed source);

    /// @notice An address that must be given is zero.
    error PaymasterZeroAddress();
    /// @notice A term breaks its limit, or the caps are not operation ≤ sender ≤ day.
    error PaymasterBadTerms(Terms terms);
    /// @notice paymasterData is neither empty nor a permit.
    error PaymasterBadData(uint256 length, uint256 permitLength);
    /// @notice The operation leaves too little gas for the refund.
    error PaymasterPostOpGasTooLow(uint256 limit, uint256 least);
    /// @notice The operation may cost more than one operation may.
    error PaymasterOperationTooCostly(uint256 costWei, uint256 capWei);
    /// @notice The sender's operations of the day would cost too much.
    error PaymasterSenderCapReached(address sender, uint256 costWei, uint256 leftWei);
    /// @notice All operations of the day would cost too much.
    error PaymasterDayCapReached(uint256 costWei, uint256 leftWei);
    /// @notice The source has no price.
    error PaymasterNoPrice();
    /// @notice Nothing was earned since the last sweep.
    error PaymasterNothingToSweep();

    /// @notice Sends what was earned to the treasury. Anybody may call. What is held for running operations stays.
    function sweep() external returns (uint256 amountWei);

    /// @notice Sets the terms within their caps. Governance only.
    function setTerms(Terms calldata terms_) external;

    /// @notice Sets where the price comes from. Governance only.
    function setSource(IPriceSource source_) external;

    /// @notice The terms in force.
    function terms() external view returns (Terms memory);

    /// @notice Where the price comes from.
    function source() external view returns (IPriceSource);

    /// @notice What `costWei` of native coin is charged at the price of the moment, markup included, rounded up.
    function quote(uint256 costWei) external view returns (uint256 openWei);

    /// @notice What the operations of a sender cost on a day (days since 1970, of the price), native wei.
    function spentBy(address sender, uint64 day) external view returns (uint256 costWei);

    /// @notice What all operations cost on a day, native wei.
    function spentOn(uint64 day) external view returns (uint256 costWei);
}
