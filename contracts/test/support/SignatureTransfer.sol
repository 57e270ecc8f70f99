// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// A stand-in for Permit2 with x402's proxies before it, neither of which any package ships as code: the payer approves once
/// and signs how much may go where; anybody carries it out, once, for at most that much. It shows that money which a third
/// party makes land in a till is collected, and nothing about Permit2 itself.
contract SignatureTransfer {
    IERC20 internal immutable TOKEN;
    mapping(address payer => mapping(uint256 nonce => bool)) public used;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function digest(uint256 permittedWei, address to, uint256 nonce, uint256 deadline) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, this, permittedWei, to, nonce, deadline));
    }

    /// `exact` passes what was permitted, `upto` what was used.
    function settle(
        address payer,
        uint256 permittedWei,
        uint256 amountWei,
        address to,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external {
        require(!used[payer][nonce] && block.timestamp <= deadline && amountWei <= permittedWei, "refused");
        require(ECDSA.recover(digest(permittedWei, to, nonce, deadline), signature) == payer, "not signed");
        used[payer][nonce] = true;
        TOKEN.transferFrom(payer, to, amountWei);
    }
}
