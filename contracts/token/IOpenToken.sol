// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title What payments ask of OPEN: ERC-20, permits (EIP-2612) and transfers by signature (EIP-3009)
/// @notice OPEN has this face, and so has WOPEN where OPEN is the gas token, so x402 `exact` works on both. A signature is good
/// for one contract on one chain, once, and strictly between two times.
/// @dev The overloads with v, r, s take the signatures of keys alone; those with `bytes` ask an account that has code, by
/// ERC-1271. Signatures of keys are 65 bytes with the lower s: of two forms of one signature, one is refused.
interface IOpenToken is IERC20, IERC20Permit {
    /// @notice An authorisation was carried out.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    /// @notice An authorisation will never be carried out.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice It is too early: the time must be greater than `validAfter`.
    error OpenAuthorizationEarly(uint256 validAfter);
    /// @notice It is too late: the time must be less than `validBefore`.
    error OpenAuthorizationLate(uint256 validBefore);
    /// @notice The nonce was used or cancelled before, as `use` says.
    error OpenAuthorizationSpent(address authorizer, bytes32 nonce, bytes32 use);
    /// @notice The signature is not the authoriser's, or not in its one accepted form.
    error OpenAuthorizationUnsigned(address authorizer);
    /// @notice Only the payee may carry out an authorisation to receive.
    error OpenAuthorizationNotPayee(address sender, address payee);

    /// @notice Sends `value` as `from` signed. Anybody may call.
    /// @param value wei of OPEN
    /// @param validAfter seconds since 1970, exclusive
    /// @param validBefore seconds since 1970, exclusive
    /// @param nonce any 32 bytes that `from` did not use before
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As above; `from` may be a contract.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Sends `value` as `from` signed, to the caller: nobody can carry it out before the payee does.
    /// @param to must be the caller
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As above; `from` may be a contract.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Spends a nonce without a transfer, as `authorizer` signed. Anybody may call.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice As above; `authorizer` may be a contract.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice Whether a nonce is spent: used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool spent);

    /// @notice What a nonce was spent on, so that whoever finds it spent can tell whether the transfer it expected was made.
    /// @return use 0 nothing yet, 1 cancelled, else the EIP-712 struct hash (without domain) of the transfer that was made
    function authorizationUse(address authorizer, bytes32 nonce) external view returns (bytes32 use);
}
