// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Where x402 payments to one node for one model land
/// @notice A till is a payer like any other: what lies in it becomes its deposit in the escrow, and its node settles that
/// deposit by vouchers that name the till as payer. Only ITills, where everybody calls, may move its money.
/// @dev As an ERC-1271 account it accepts one thing: a voucher of the escrow with itself as payer, for its own node and model,
/// signed by the node or by a key that the node set. Since the standard passes nothing but a digest, the rest of the
/// voucher travels in the signature: `abi.encode(uint128 cumulativeWei, uint64 expiresAt, bytes nodeSignature)`.
interface ITill is IERC1271 {
    /// @notice Only the tills' front may do this.
    error TillNotTills(address sender);
    /// @notice Nothing lies in the till but what was taken back for refunds.
    error TillNothingToCollect(address till);
    /// @notice There is less in the till than shall be refunded.
    error TillTooLittle(address till, uint256 amountWei, uint256 balanceWei);

    /// @notice Deposits in the escrow all that lies here and is not set aside for refunds. Tills only.
    function collect() external returns (uint256 amountWei);

    /// @notice Announces that the node takes back a part of the deposit. Tills only.
    function thaw(uint128 amountWei) external;

    /// @notice Takes back what has thawed, and sets it aside for refunds. Tills only.
    function takeBack() external returns (uint256 amountWei);

    /// @notice Pays out of what lies here, first of what is set aside. Tills only.
    function refund(address to, uint256 amountWei) external;

    /// @notice Whose till this is, and for which model.
    function owner() external view returns (address node, bytes32 modelId);

    /// @notice What is set aside for refunds, wei, CURRENT.
    function setAsideWei() external view returns (uint256 amountWei);
}
