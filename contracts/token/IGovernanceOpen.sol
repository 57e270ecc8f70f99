// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title gOPEN: OPEN that votes
/// @notice One for one with the OPEN it holds; wrapping and unwrapping are exact, free and at any time. Votes count once they are
/// delegated, to oneself too, from the next second on. OPEN that is sent here without wrapping is lost: nobody can take it out.
/// @dev Times are seconds (EIP-6372, mode=timestamp). Trusts: OPEN takes no fee on transfer and calls nobody.
interface IGovernanceOpen is IERC20, IERC20Permit, IERC5805 {
    /// @notice A wrapper around an address that holds no contract.
    error GovernanceOpenNoToken(address token);

    /// @notice Takes the sender's OPEN, which it must have approved, and mints gOPEN to `account`.
    function depositFor(address account, uint256 amountWei) external returns (bool);

    /// @notice Burns the sender's gOPEN and sends its OPEN to `account`.
    function withdrawTo(address account, uint256 amountWei) external returns (bool);

    /// @notice `depositFor` the sender, approved by the sender's permit of exactly `amountWei`.
    /// @dev A permit that somebody carried out before, to get in the way, does no harm: the allowance is there.
    function depositWithPermit(uint256 amountWei, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
}
