// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IInferenceEscrow} from "./IInferenceEscrow.sol";
import {ITill} from "./ITill.sol";
import {ITills} from "./ITills.sol";
import {Till} from "./Till.sol";

/// @title Addresses that take x402 payments, one for each node and model
/// @notice See ITills, which says what each function does, trusts and refuses.
contract Tills is ITills {
    /// @notice The code of every till.
    address public immutable IMPLEMENTATION;

    /// @inheritdoc ITills
    mapping(address node => mapping(address signer => bool)) public isSigner;

    constructor(IInferenceEscrow escrow, IERC20 token) {
        require(address(escrow) != address(0) && address(token) != address(0), TillsZeroAddress());
        IMPLEMENTATION = address(new Till(escrow, token));
    }

    /// @inheritdoc ITills
    function open(address node, bytes32 modelId) public returns (address till) {
        require(node != address(0), TillsZeroAddress());
        till = tillOf(node, modelId);
        if (till.code.length != 0) return till;
        Clones.cloneDeterministicWithImmutableArgs(IMPLEMENTATION, abi.encode(node, modelId), 0);
        emit TillOpened(till, node, modelId);
    }

    /// @inheritdoc ITills
    function collect(address node, bytes32 modelId) external returns (uint256 amountWei) {
        address till = open(node, modelId);
        amountWei = ITill(till).collect();
        emit Collected(till, node, modelId, amountWei);
    }

    /// @inheritdoc ITills
    function setSigner(address signer, bool allowed) external {
        require(signer != address(0), TillsZeroAddress());
        isSigner[msg.sender][signer] = allowed;
        emit TillSignerSet(msg.sender, signer, allowed);
    }

    /// @inheritdoc ITills
    function thaw(bytes32 modelId, uint128 amountWei) external {
        address till = open(msg.sender, modelId);
        emit RefundThawing(till, msg.sender, modelId, amountWei);
        ITill(till).thaw(amountWei);
    }

    /// @inheritdoc ITills
    function takeBack(bytes32 modelId) external returns (uint256 amountWei) {
        address till = open(msg.sender, modelId);
        amountWei = ITill(till).takeBack();
        emit TakenBack(till, msg.sender, modelId, amountWei);
    }

    /// @inheritdoc ITills
    function refund(bytes32 modelId, address to, uint256 amountWei) external {
        require(to != address(0), TillsZeroAddress());
        require(amountWei != 0, TillsZeroAmount());
        address till = open(msg.sender, modelId);
        emit Refunded(till, msg.sender, to, modelId, amountWei);
        ITill(till).refund(to, amountWei);
    }

    /// @inheritdoc ITills
    function tillOf(address node, bytes32 modelId) public view returns (address till) {
        return Clones.predictDeterministicAddressWithImmutableArgs(IMPLEMENTATION, abi.encode(node, modelId), 0);
    }
}
