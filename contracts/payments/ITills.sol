// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Addresses that take x402 payments, one for each node and model
/// @notice A node names its till as `payTo`. Whoever makes OPEN land there has paid: `exact` by OPEN's own
/// transferWithAuthorization, `exact` and `upto` by Permit2 and x402's proxies, a plain transfer; by any facilitator, before
/// the till is deployed or after. Anybody brings what landed into the escrow, and from there it goes through the same
/// batches, waterfall and receipts as every prepaid channel, with the till as payer.
/// @dev No owner, no upgrade, no parameter. What a node signs decides what its tills pay, so a payer trusts the node for its
/// refund as it trusts it for the answer; x402 pays before or with the answer.
interface ITills {
    /// @notice A till was deployed. Its address was known before.
    event TillOpened(address indexed till, address indexed node, bytes32 indexed modelId);
    /// @notice What had landed became the till's deposit.
    event Collected(address indexed till, address indexed node, bytes32 indexed modelId, uint256 amountWei);
    /// @notice A node announced that it takes back a part of a till's deposit.
    event RefundThawing(address indexed till, address indexed node, bytes32 indexed modelId, uint256 amountWei);
    /// @notice What had thawed came back to the till, for refunds.
    event TakenBack(address indexed till, address indexed node, bytes32 indexed modelId, uint256 amountWei);
    /// @notice A node gave money back.
    event Refunded(address indexed till, address indexed node, address indexed to, bytes32 modelId, uint256 amountWei);
    /// @notice A key may, or may no longer, sign for the node's tills.
    event TillSignerSet(address indexed node, address indexed signer, bool allowed);

    /// @notice An address that must be given is zero.
    error TillsZeroAddress();
    /// @notice An amount that must be given is zero.
    error TillsZeroAmount();

    /// @notice Deploys a till, if nobody has. Anybody may call.
    function open(address node, bytes32 modelId) external returns (address till);

    /// @notice Makes all that landed in a till its deposit in the escrow; deploys the till first if need be. Anybody may call.
    function collect(address node, bytes32 modelId) external returns (uint256 amountWei);

    /// @notice Lets a key sign vouchers for all tills of the sender, or forbids it.
    function setSigner(address signer, bool allowed) external;

    /// @notice Announces that the sender takes back a part of its till's deposit, to refund it; the escrow's thaw time runs.
    function thaw(bytes32 modelId, uint128 amountWei) external;

    /// @notice Takes back to the sender's till what has thawed there and was not settled since.
    function takeBack(bytes32 modelId) external returns (uint256 amountWei);

    /// @notice Gives back money that lies in the sender's till: what was taken back, or what landed and nobody collected yet.
    /// Refunding to the till itself makes money that was taken back collectable again.
    function refund(bytes32 modelId, address to, uint256 amountWei) external;

    /// @notice Where payments to a node for a model land, whether deployed or not.
    function tillOf(address node, bytes32 modelId) external view returns (address till);

    /// @notice Whether `signer` may sign for the tills of `node`.
    function isSigner(address node, address signer) external view returns (bool allowed);
}
